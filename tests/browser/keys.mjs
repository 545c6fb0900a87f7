// Goes through a page with the Tab key, as a person without a mouse.
import assert from 'node:assert/strict';

// What can be worked, in the order of reading. Of radio buttons that exclude each other, Tab reaches one.
function places() {
  const all = document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]');
  const names = new Set();
  const isLater = ({ type, name }) => type === 'radio' && (names.has(name) || !names.add(name));
  return [...all].filter((one) => one.checkVisibility() && !isLater(one));
}

// Where the focus is among the places, and why a person would not see it; nothing if they do.
function focus(all) {
  const at = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(at);
  const { left, right, top, bottom } = at.getBoundingClientRect();
  const isInside = left >= 0 && right <= innerWidth && bottom > 0 && top < innerHeight;
  const hasOutline = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  const why = hasOutline ? isInside ? '' : 'is outside the window' : 'has no outline';
  return { place: all.indexOf(at), html: at.outerHTML, why };
}

async function tab(page, all) {
  await page.keyboard.press('Tab');
  const { place, html, why } = await all.evaluate(focus);
  assert.equal(why, '', `${html} ${why}`);
  return { place, html };
}

// Tab reaches all places in order, and each is seen. Returns their number.
export async function walk(page) {
  const all = await page.evaluateHandle(places);
  const count = await all.evaluate(({ length }) => length);
  for (let expected = 0; expected < count; expected += 1) {
    const { place, html } = await tab(page, all);
    assert.equal(place, expected, `${page.url()}: Tab number ${expected} reaches ${html}`);
  }
  return count;
}

// Presses Tab until the element has the focus.
export async function tabTo(page, element) {
  const all = await page.evaluateHandle(places);
  const count = await all.evaluate(({ length }) => length);
  for (let pressed = 0; pressed <= count; pressed += 1) {
    await tab(page, all);
    if (await element.evaluate((one) => one === document.activeElement)) return;
  }
  assert.fail(`Tab does not reach ${element}`);
}
