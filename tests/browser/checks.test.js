// The checks themselves: each finds the fault that it is for, on a page that has them all.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { launch, Window } from './harness/browser.js';
import { inaccessible, misnamed, tooWide, unreachable } from './harness/checks.js';

const FAULTY = `<!DOCTYPE html><html lang="de"><head><title>Zeef</title>
<link rel="stylesheet" href="/style.css"></head><body>
<main><h1>A page</h1><img src="/there.svg"><img alt="elsewhere" src="http://127.0.0.2:9/elsewhere.png">
<p class="pale">Hardly to be read</p><p style="color: red">Inline</p>
<p class="wide">Wide</p><a class="plain" href="/">Shows no focus</a>
<a class="under" href="/">Lies under another</a><div class="over">Over it</div></main>
<script>alert(1)</script></body></html>`;

const STYLE = `.pale { color: #ccc } .wide { width: 2000px } .plain:focus { outline: none }
.under, .over { position: absolute; top: 300px; left: 0; height: 40px; width: 300px; background: white }`;

let server;
let browser;
let window;

before(async () => {
  server = createServer((request, response) => {
    const style = request.url === '/style.css';
    response.setHeader('content-type', style ? 'text/css' : 'text/html');
    response.setHeader('content-security-policy', "default-src 'self'; img-src *");
    response.end(style ? STYLE : FAULTY);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launch();
  window = await Window.open(browser, `http://127.0.0.1:${server.address().port}`);
  await window.goto('/');
});

after(async () => {
  await browser?.close();
  server?.close();
});

function has(faults, ...parts) {
  const missing = parts.filter((part) => !faults.some((fault) => fault.includes(part)));
  assert.deepEqual(missing, [], faults.join('\n'));
}

test('axe finds a picture without words and a text without contrast', async () => {
  has(await inaccessible(window.page), 'image-alt', 'color-contrast');
});

test('a page that scrolls sideways is found, with what is too wide', async () => {
  has(await tooWide(window.page), 'p.wide');
});

test('a wrong language and a title without a name are found', async () => {
  has(await misnamed(window.page, 'en'), 'lang is de', 'title is "Zeef"');
});

test('a focus that does not show and one that is covered are found', async () => {
  has(await unreachable(window.page), 'focus does not show: <a class="plain"', 'focus is covered: <a class="under"');
});

test('a request to elsewhere, an inline style and an inline script are found', async () => {
  const complaints = window.complaints();
  has(complaints, 'asked http://127.0.0.2:9/elsewhere.png', 'inline style', 'inline script');
});
