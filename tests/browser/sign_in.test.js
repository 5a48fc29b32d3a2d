// Signing in and out, as a person does.

import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, test } from 'node:test';

import { launch, Window } from './harness/browser.js';
import { CUSTOMERS, World } from './harness/world.js';

const PASSWORD = 'vier paarse fietsen';
const HOUR = 3_600;

let world;
let browser;
let window;
let page;

before(async () => {
  [world, browser] = await Promise.all([World.made({ devices: 3 }), launch({ history: true })]);
});

after(async () => {
  await browser?.close();
  await world?.end();
});

beforeEach(async () => {
  window = await Window.open(browser, world.installation.origin, { language: 'en' });
  page = window.page;
});

afterEach(async () => {
  const complaints = window.complaints();
  await window.close();
  assert.deepEqual(complaints, []);
});

/// An account with a password; gives a link that signs it in.
async function anna(name) {
  await world.person(name, 'technician');
  await world.installation.password(name, PASSWORD);
  return world.installation.link(name);
}

/// Fills in the form by keyboard alone: the cursor starts nowhere.
async function signInByKeyboard(name) {
  await page.getByLabel('Account name').focus();
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
}

const heading = () => page.getByRole('heading', { level: 1 }).innerText();

/// Whether anything on the page is about people and their devices.
async function saysSomethingPersonal() {
  const text = await window.text();
  return [...CUSTOMERS, 'anna-laptop', world.devices[0].name].some((value) => text.includes(value));
}

test('a link signs in once, by its button, and leads to a first password', async () => {
  const link = await world.person('els', 'technician');
  await page.goto(link);
  await page.getByRole('button', { name: 'Sign in' }).press('Enter');
  await page.getByRole('link', { name: 'Set a password' }).click();
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('New password, again').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('The password was saved.').waitFor();
  await page.goto(link);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
});

test('a password signs in by keyboard alone, and leads to where one wanted to go', async () => {
  await anna('anna');
  await page.goto('/policy');
  assert.equal(new URL(page.url()).search, '?next=/policy');
  await signInByKeyboard('anna');
  await page.waitForURL('**/policy');
});

test('a wrong password keeps the name that was typed and says so at the fields', async () => {
  await anna('bert');
  await page.goto('/sign-in');
  await page.getByLabel('Account name').fill('bert');
  await page.getByLabel('Password').fill('something else');
  await page.keyboard.press('Enter');
  const mistake = page.getByRole('alert');
  await mistake.waitFor();
  assert.equal(await page.getByLabel('Account name').inputValue(), 'bert');
  assert.equal(await page.getByLabel('Password').inputValue(), '');
  const described = await page.getByLabel('Password').getAttribute('aria-describedby');
  assert.equal(await mistake.getAttribute('id'), described);
});

test('after signing out the way back shows nothing personal', async () => {
  await window.open(await anna('carla'));
  await page.goto(world.devices[0].page);
  assert.ok(await saysSomethingPersonal());
  await page.goto('/inventory');
  await page.getByRole('button', { name: 'Sign out' }).press('Enter');
  await page.waitForURL('**/sign-in');
  for (let back = 0; back < 3; back += 1) {
    // A page that the browser had kept would not load anew.
    await page.goBack({ waitUntil: 'commit' });
    await page.locator('h1').waitFor();
    assert.ok(!(await saysSomethingPersonal()), page.url());
  }
});

test('the language is chosen on any page, stays, and comes back to the page', async () => {
  await window.open(await anna('daan'));
  await page.goto('/policy');
  await page.getByRole('button', { name: 'Nederlands' }).press('Enter');
  await page.locator('html[lang=nl]').waitFor();
  assert.equal(new URL(page.url()).pathname, '/policy');
  await page.goto('/inventory');
  assert.equal(await page.locator('html').getAttribute('lang'), 'nl');
});

test('everything works without the script: search, sort, a device, and the way out', async () => {
  const link = await anna('femke');
  const plain = await browser.newContext({ baseURL: world.installation.origin, javaScriptEnabled: false });
  page = await plain.newPage();
  await page.goto(link);
  await page.locator('main button').click();
  await page.locator('#search').fill(world.devices[0].name);
  await page.locator('#search').press('Enter');
  await page.locator('tbody th a').click();
  assert.equal(await heading(), world.devices[0].name);
  await page.locator('header form[action="/sign-out"] button').click();
  assert.equal(await heading(), 'Sign in');
  await plain.close();
});

// Last, for the store's time never goes back.
test('a session that ends in the middle of a form is told of, with a way on, and nothing was changed', async () => {
  await window.open(await anna('gijs'));
  await page.goto('/account');
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password', { exact: true }).fill('vijf groene fietsen');
  await page.getByLabel('New password, again').fill('vijf groene fietsen');
  world.installation.clock.setAhead(HOUR);
  await page.keyboard.press('Enter');
  await page.getByText('The session has ended').first().waitFor();
  await page.locator('main a.button').click();
  await signInByKeyboard('gijs');
  await page.waitForURL('**/inventory');
});
