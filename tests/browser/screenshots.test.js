// Pictures of the pages, as the documents show them: in target/screenshots, or where ZEEF_SCREENSHOTS says (from the
// top of the repository; `make screenshots` names docs/screenshots).

import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';

import { launch, Window } from './harness/browser.js';
import { World } from './harness/world.js';

const FOLDER = fileURLToPath(new URL(`../../${process.env.ZEEF_SCREENSHOTS ?? 'target/screenshots'}`, import.meta.url));
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/// Who looks.
const PEOPLE = { sanne: 'technician', pieter: 'privacy-officer' };
/// What a picture shows.
const PICTURES = [
  { file: 'inventory', name: 'sanne', path: () => '/inventory', ...DESK },
  { file: 'inventory-dark', name: 'sanne', path: () => '/inventory', theme: 'dark', ...DESK },
  { file: 'inventory-phone', name: 'sanne', path: () => '/inventory', language: 'nl', ...PHONE },
  { file: 'device', name: 'sanne', path: (world) => world.devices[0].page, ...DESK },
  { file: 'policy', name: 'pieter', path: () => '/policy', ...DESK },
];

let world;
let browser;

before(async () => {
  await mkdir(FOLDER, { recursive: true });
  [world, browser] = await Promise.all([World.made({ devices: 48, agent: false }), launch()]);
  for (const [name, role] of Object.entries(PEOPLE)) await world.person(name, role);
});

after(async () => {
  await browser?.close();
  await world?.end();
});

describe('a picture is made of', () => {
  for (const { file, name, path, ...looks } of PICTURES) {
    test(file, async () => {
      const window = await Window.open(browser, world.installation.origin, looks);
      await window.open(await world.installation.link(name));
      await window.goto(path(world));
      const place = `${FOLDER}/${file}.png`;
      await window.page.screenshot({ path: place });
      assert.ok((await stat(place)).size > 10_000);
      await window.close();
    });
  }
});
