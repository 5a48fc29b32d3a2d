// What hostile devices and people write is shown as they wrote it, and does nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, Window } from './harness/browser.js';
import { Device } from './harness/device.js';
import { Installation } from './harness/installation.js';

const NAMES = [
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "'-alert(1)-'",
  '</title><script>alert(1)</script>',
  '{{7*7}}${7*7}<%= 7*7 %>',
  '&lt;b&gt;&quot;',
];
const ORGANISATION = '</option></select><script>alert(1)</script>';
const ACCOUNT = '"><img src=x onerror=alert(1)>';

let installation;
let browser;
let window;
let page;
const devices = [];

before(async () => {
  [installation, browser] = await Promise.all([Installation.started(), launch()]);
  const token = await installation.customer(ORGANISATION);
  for (const name of NAMES) {
    const device = await Device.enrol(installation, token);
    await device.report({ device_name: name, usernames: [name] });
    devices.push(device);
  }
  window = await Window.open(browser, installation.origin);
  page = window.page;
  await window.open(await installation.person(ACCOUNT, 'administrator'));
});

after(async () => {
  await browser?.close();
  await installation?.stop();
});

/// What is there that no template of ours has written.
async function strange() {
  const elements = await page.evaluate(() => {
    const ours = (one) => (one.src ?? '').startsWith(`${location.origin}/assets/`);
    const foreign = [...document.querySelectorAll('script, img, svg, iframe, object, embed, style, b, i')];
    const acts = (one) => one.getAttributeNames().some((name) => name.startsWith('on'));
    const handlers = [...document.querySelectorAll('*')].filter(acts);
    return [...foreign.filter((one) => !ours(one)), ...handlers].map((one) => one.outerHTML);
  });
  return [...elements, ...window.complaints()];
}

test('names of devices, people, organisations and accounts are text in the list', async () => {
  await window.goto('/inventory');
  const shown = await page.locator('.list tbody th').allTextContents();
  assert.deepEqual(shown.sort(), [...NAMES].sort());
  assert.ok((await page.locator('select[name=organisation] option').allTextContents()).includes(ORGANISATION));
  assert.equal(await page.locator('.who').textContent(), ACCOUNT);
  assert.deepEqual(await strange(), []);
});

test('and on the pages of the devices, whose titles tell nothing', async () => {
  for (const [number, device] of devices.entries()) {
    await window.goto(device.page);
    assert.equal(await page.locator('h1').textContent(), NAMES[number]);
    assert.ok(!(await page.title()).includes(NAMES[number]));
    assert.deepEqual(await strange(), []);
  }
});

test('and where somebody searches for them', async () => {
  for (const name of NAMES) {
    await window.goto('/inventory');
    await page.locator('#search').fill(name);
    await window.follow(() => page.locator('#search').press('Enter'));
    assert.equal(await page.locator('#search').inputValue(), name);
    assert.deepEqual(await page.locator('.list tbody th').allTextContents(), [name]);
    assert.deepEqual(await strange(), []);
  }
});

test('what an address says is not written into the page', async () => {
  const evil = encodeURIComponent('"><script>alert(1)</script>');
  const paths = ['/nothing', '/inventory', '/policy', '/account', '/sign-in', '/devices/x/y', '/sign-in/x'];
  for (const path of paths) {
    const query = ['next', 'hint', 'saved', 'sort', 'q'].map((name) => `${name}=${evil}`).join('&');
    for (const address of [`${path}?${query}`, `${path}/${evil}`]) {
      await window.goto(address);
      assert.deepEqual(await strange(), [], address);
    }
  }
});

test('a mistake at the sign-in repeats the name as text', async () => {
  const stranger = await Window.open(browser, installation.origin);
  ({ page } = stranger);
  await page.goto('/sign-in');
  await page.locator('input[name=name]').fill(ACCOUNT);
  await page.locator('input[name=password]').fill(ACCOUNT);
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  assert.equal(await page.locator('input[name=name]').inputValue(), ACCOUNT);
  assert.deepEqual([...(await strange()), ...stranger.complaints()], []);
  await stranger.close();
});

test('text that turns the line around or hides is refused where it comes in', async () => {
  for (const name of ['laptop\u202Egnp', 'zero\u200Bwidth', 'line\nbreak', '\u2066isolated\u2069']) {
    const { status, text } = await devices[0].send({ device_name: name });
    assert.equal(status, 400);
    assert.ok(!text.includes(name));
  }
});
