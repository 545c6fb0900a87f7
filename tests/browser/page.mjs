// Opens the page, waits for cards, and checks the visible text and the requests of the page.
//   node page.mjs URL [--cards N] [--text WORDS]… [--shot FILE] [--dark] [--width PX] [--wait SECONDS]
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { launch } from './browser.mjs';

const { values: want, positionals: [url] } = parseArgs({
  allowPositionals: true,
  options: {
    cards: { type: 'string', default: '1' },
    text: { type: 'string', multiple: true, default: [] },
    shot: { type: 'string' },
    dark: { type: 'boolean', default: false },
    width: { type: 'string', default: '900' },
    wait: { type: 'string', default: '30' },
  },
});

const browser = await launch();
try {
  const page = await browser.newPage({
    colorScheme: want.dark ? 'dark' : 'light',
    deviceScaleFactor: 1.5,
    viewport: { width: Number(want.width), height: 900 },
  });
  const troubles = [];
  const asked = new Set();
  page.on('console', (line) => line.type() === 'error' && troubles.push(line.text()));
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('dialog', (dialog) => { troubles.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => asked.add(new URL(request.url()).origin));

  await page.goto(url);
  const enough = (n) => document.querySelectorAll('.post').length >= n;
  await page.waitForFunction(enough, Number(want.cards), { timeout: Number(want.wait) * 1000 });

  const text = await page.locator('body').innerText();
  for (const words of want.text) assert.ok(text.includes(words), `the page does not say: ${words}`);
  const more = page.getByRole('button', { name: 'More log' }).first();
  if (await more.count()) await togglesMore(page, more);
  await staysWithinItsWidth(page);
  assert.deepEqual([...asked].filter((origin) => origin !== 'null'), [new URL(url).origin], 'the page asks others');
  assert.deepEqual(troubles, [], 'the page has troubles');
  await page.evaluate(() => scrollTo(0, 0));
  if (want.shot) await page.screenshot({ path: want.shot, fullPage: true });
  console.log(`ok  ${await page.locator('.post').count()} cards at ${want.width} px${want.dark ? ', dark' : ''}`);
} finally {
  await browser.close();
}

async function togglesMore(page, button) {
  const part = button.locator('xpath=ancestor::*[contains(@class, "card")]').locator('[data-id="more"]');
  assert.equal(await part.isVisible(), false, 'more log is shown at once');
  await button.click();
  assert.equal(await part.isVisible(), true, 'more log does not open');
  await button.click();
  assert.equal(await part.isVisible(), false, 'more log does not close');
}

async function staysWithinItsWidth(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `the page is ${over} px too wide`);
}
