// Chromium as people use it, and what it has to complain about.

import { chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
/// How long something on a page is waited for, in milliseconds.
const PATIENCE = 15_000;

/// A browser. With `history` it keeps pages to go back to, as it does for people.
export function launch({ history = false } = {}) {
  return chromium.launch({
    executablePath: CHROMIUM,
    // Root cannot have the sandbox.
    chromiumSandbox: process.getuid() !== 0,
    args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.*'],
    ignoreDefaultArgs: history ? ['--disable-back-forward-cache'] : [],
  });
}

/// A window with cookies of its own.
export class Window {
  #origin;
  #complaints = [];
  #answers = new Map();

  static async open(browser, origin, { language = 'en', theme = 'light', width = 1280, height = 900 } = {}) {
    const window = new Window();
    window.#origin = origin;
    window.context = await browser.newContext({
      baseURL: origin,
      locale: { en: 'en-GB', nl: 'nl-NL' }[language],
      timezoneId: 'Europe/Amsterdam',
      colorScheme: theme,
      reducedMotion: 'reduce',
      viewport: { width, height },
    });
    window.#watch();
    window.context.setDefaultTimeout(PATIENCE);
    window.page = await window.context.newPage();
    return window;
  }

  #watch() {
    this.context.on('request', (request) => {
      if (new URL(request.url()).origin !== this.#origin) this.#complain(`asked ${request.url()}`);
    });
    this.context.on('response', (response) => this.#answers.set(response.url(), response.status()));
    this.context.on('weberror', (error) => this.#complain(`error ${error.error().message}`));
    this.context.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type()) || this.#isExpected(message)) return;
      this.#complain(`${message.type()} ${message.text()}`);
    });
    this.context.on('dialog', async (dialog) => {
      this.#complain(`dialog ${dialog.message()}`);
      await dialog.dismiss();
    });
  }

  /// Chromium complains of each page that says what went wrong by its status; of anything else that it cannot load,
  /// rightly.
  #isExpected(message) {
    const { url } = message.location();
    const isPage = url === this.page.url() && this.#answers.get(url) >= 400;
    return isPage && message.text().startsWith('Failed to load resource');
  }

  #complain(text) {
    this.#complaints.push(text);
  }

  /// What the browser complained of since this was last asked.
  complaints() {
    return this.#complaints.splice(0);
  }

  /// Signs in by a one-time link.
  async open(link) {
    await this.page.goto(link);
    await this.page.locator('main button').click();
    await this.page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  }

  /// Goes to a page; gives the answer.
  goto(path) {
    return this.page.goto(path);
  }

  /// Does what leads to another page, and waits until that is there.
  async follow(act) {
    await Promise.all([this.page.waitForEvent('load'), act()]);
  }

  /// What stands on the page.
  text() {
    return this.page.locator('body').innerText();
  }

  close() {
    return this.context.close();
  }
}
