// What holds for every page. Each check gives a list of what is wrong.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/// Everything that axe-core knows but its experiments, whatever the severity; WCAG 2.2's size of targets is off
/// in it unless asked for.
const RULES = { rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] };

/// What a program can tell of WCAG.
export async function inaccessible(page) {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE);
  const { violations } = await page.evaluate((rules) => globalThis.axe.run(document, rules), RULES);
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map((node) => `${id} (${impact}): ${node.target.join(' ')}`),
  );
}

/// What is wider than the window, so that the page scrolls sideways.
export function tooWide(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= width) return [];
    const wide = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > width);
    return wide.map((one) => `wider than ${width}: ${one.tagName.toLowerCase()}.${one.className}`);
  });
}

/// What a page says of itself before it is read.
export function misnamed(page, language) {
  return page.evaluate((language) => {
    const wrong = [];
    if (document.documentElement.lang !== language) wrong.push(`lang is ${document.documentElement.lang}`);
    if (!/^\S.* – Zeef$/.test(document.title)) wrong.push(`title is "${document.title}"`);
    return wrong;
  }, language);
}

/// What the Tab key does not reach, or reaches without showing it.
export async function unreachable(page) {
  const expected = await page.evaluate(mark);
  const wrong = new Set();
  const reached = new Set();
  // A date is several stops of the browser's own.
  const dates = await page.locator('input[type=date]').count();
  for (let step = 0; step <= expected.length + 4 * dates; step += 1) {
    await page.keyboard.press('Tab');
    const { number, name, fault } = await page.evaluate(focused);
    if (number !== null) reached.add(number);
    if (fault) wrong.add(`${fault}: ${name}`);
  }
  expected.forEach((name, number) => {
    if (!reached.has(number)) wrong.add(`not reached: ${name}`);
  });
  return [...wrong];
}

/// Numbers what a person can act on, from the top; gives its names. Runs in the page.
function mark() {
  document.activeElement?.blur();
  getSelection().removeAllRanges();
  window.scrollTo(0, 0);
  const active = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const usable = [...document.querySelectorAll(active)].filter(
    (one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true }),
  );
  // Tab stops at one button of a radio group, the pressed one or else the first; arrows lead to the others.
  const stop = (one) => {
    const group = usable.filter((other) => other.type === 'radio' && other.name === one.name && other.form === one.form);
    return one === (group.find((other) => other.checked) ?? group[0]);
  };
  const stops = usable.filter((one) => one.type !== 'radio' || stop(one));
  stops.forEach((one, number) => (one.dataset.number = number));
  return stops.map((one) => one.outerHTML.split('>')[0]);
}

/// What has the focus, and what is wrong with how it shows. Runs in the page.
function focused() {
  const one = document.activeElement;
  if (!one || one === document.body) return { number: null };
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const seen = top < bottom && left < right;
  const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const covered = !above || !(one.contains(above) || above.contains(one) || above.closest('label')?.control === one);
  // Within a date the browser shows by itself which part of it has the focus.
  const shows = one.type === 'date' || (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0);
  const fault =
    !shows
      ? 'focus does not show'
      : !seen
        ? 'focus is out of sight'
        : covered
          ? 'focus is covered'
          : null;
  const number = one.dataset.number === undefined ? null : Number(one.dataset.number);
  return { number, name: one.outerHTML.split('>')[0], fault };
}
