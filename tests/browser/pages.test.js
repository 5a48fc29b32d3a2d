// Every page, in both languages, in light and dark, on a desk and on a phone.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { launch, Window } from './harness/browser.js';
import { inaccessible, misnamed, tooWide, unreachable } from './harness/checks.js';
import { World } from './harness/world.js';

const { pages: PAGES } = JSON.parse(readFileSync(new URL('pages.json', import.meta.url), 'utf8'));
const LANGUAGES = ['nl', 'en'];
const THEMES = ['light', 'dark'];
/// In CSS pixels: a desk, a phone, and how narrow WCAG asks a page to reflow (criterion 1.4.10).
const WIDTHS = [1280, 390];
const NARROWEST = 320;
const HEIGHT = 844;

let world;
let browser;
let parameters;
const windows = new Map();

before(async () => {
  [world, browser] = await Promise.all([World.made(), launch()]);
  parameters = await parametersOf(world);
});

after(async () => {
  await browser?.close();
  await world?.end();
});

/// What stands for the parameters of a route.
async function parametersOf(world) {
  const [{ organisation, id: device }] = world.devices;
  const unused = new URL(await world.installation.person('spare', 'technician'));
  return {
    organisation,
    device,
    request: await world.request(),
    receipt: await world.receipt(),
    subscription: await world.subscription(),
    user: await world.user('spare'),
    secret: unused.pathname.split('/').at(-1),
  };
}

/// A window of an account of this role in this language; opened once.
async function windowOf(role, language) {
  const key = `${role} ${language}`;
  if (!windows.has(key)) {
    const window = await Window.open(browser, world.installation.origin, { language });
    if (role) await window.open(await world.person(`${role}-${language}`, role));
    windows.set(key, window);
  }
  return windows.get(key);
}

async function lookAt(page, { language, reach }) {
  const wrong = (await misnamed(page, language)).map((fault) => `${language}: ${fault}`);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    const note = (faults) => wrong.push(...faults.map((fault) => `${language}, ${width}: ${fault}`));
    note(await tooWide(page));
    if (reach) note(await unreachable(page));
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      note((await inaccessible(page)).map((fault) => `${theme}: ${fault}`));
    }
  }
  await page.setViewportSize({ width: NARROWEST, height: HEIGHT });
  wrong.push(...(await tooWide(page)));
  return wrong;
}

describe('every page is accessible, reachable by keyboard, fits a phone and stays at its origin', () => {
  for (const { name, as, route, path = route, status = 200 } of PAGES) {
    test(name, { timeout: 120_000 }, async () => {
      const wrong = [];
      for (const language of LANGUAGES) {
        const window = await windowOf(as, language);
        const answer = await window.goto(path.replace(/{(\w+)}/g, (_, parameter) => parameters[parameter]));
        assert.equal(answer.status(), status);
        // Which keys reach what is the same in each language.
        wrong.push(...(await lookAt(window.page, { language, reach: language === LANGUAGES[0] })));
        wrong.push(...window.complaints());
      }
      assert.ok(wrong.length === 0, wrong.join('\n'));
    });
  }
});
