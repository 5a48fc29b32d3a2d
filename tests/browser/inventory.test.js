// A technician's way through the inventory, in both languages, at a desk and on a phone.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { launch, Window } from './harness/browser.js';
import { CUSTOMERS, World } from './harness/world.js';

const DEVICES = 130;

let world;
let browser;
let window;
let page;
let count = 0;

before(async () => {
  [world, browser] = await Promise.all([World.made({ devices: DEVICES }), launch()]);
});

after(async () => {
  await browser?.close();
  await world?.end();
});

const names = () => page.locator('.list tbody th').allInnerTexts();
const focused = () => page.evaluate(() => document.activeElement.textContent);

for (const language of ['nl', 'en']) {
  for (const width of [1280, 390]) {
    describe(`the inventory in ${language}, ${width} wide`, () => {
      beforeEach(async () => {
        window = await Window.open(browser, world.installation.origin, { language, width });
        page = window.page;
        count += 1;
        await window.open(await world.person(`technician-${count}`, 'technician'));
      });

      afterEach(async () => {
        const complaints = window.complaints();
        await window.close();
        assert.deepEqual(complaints, []);
      });

      test('a device is found and opened by keyboard alone: slash, words, Enter, arrows, Enter', async () => {
        const { name } = world.devices[41];
        await page.keyboard.press('/');
        await page.keyboard.type(name.slice(0, 5));
        await window.follow(() => page.keyboard.press('Enter'));
        const found = await names();
        assert.ok(found.length > 1 && found.every((one) => one.includes(name.slice(0, 5))));
        assert.ok(!page.url().includes(name.slice(0, 5)), 'what was searched for stands in no address');
        await page.keyboard.press('/');
        for (const _ of found.slice(0, 2)) await page.keyboard.press('ArrowDown');
        assert.equal(await focused(), found[1]);
        await page.keyboard.press('ArrowUp');
        assert.equal(await focused(), found[0]);
        await window.follow(() => page.keyboard.press('Enter'));
        assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), found[0]);
      });

      test('the real agent is found by who is signed in, and its page says why each value is held', async () => {
        await page.locator('#search').fill('anna-laptop');
        await window.follow(() => page.locator('#search').press('Enter'));
        await window.follow(() => page.locator('tbody th a').click());
        assert.ok(page.url().endsWith(world.agentsDevice));
        const held = await page.locator('.facts').first().innerText();
        for (const text of ['anna-laptop', 'anna', 'Antivirus']) assert.ok(held.includes(text), text);
      });

      test('filters narrow the list, say how many are left, and are cleared at once', async () => {
        const search = () => page.locator('form[role=search] button').click();
        await page.locator('select[name=organisation]').selectOption({ label: CUSTOMERS[1] });
        await window.follow(search);
        const organisations = await page.locator('.list tbody td:nth-child(2)').allTextContents();
        assert.deepEqual(new Set(organisations), new Set([CUSTOMERS[1]]));
        assert.ok((await page.locator('.count').innerText()).startsWith(`${Math.floor(DEVICES / 3)} `));
        await window.follow(() => page.locator('form[role=search] a').click());
        assert.ok(!(await page.locator('.count').innerText()).includes(','));
        await page.locator('select[name=state]').selectOption('revoked');
        await window.follow(search);
        assert.deepEqual(await names(), [world.devices.at(-1).name]);
      });

      test('a head sorts, once more turns the order around, and pages follow on each other', async () => {
        const byName = page.locator('.list thead a').first();
        const ascending = await names();
        await window.follow(() => byName.press('Enter'));
        assert.equal(await page.locator('[aria-sort]').getAttribute('aria-sort'), 'descending');
        const descending = await names();
        assert.ok(descending[0] > ascending[0]);
        await window.follow(() => page.locator('a[rel=next]').press('Enter'));
        assert.ok((await names())[0] < descending.at(-1));
        await window.follow(() => page.locator('a[rel=prev]').press('Enter'));
        assert.deepEqual(await names(), descending);
      });
    });
  }
}
