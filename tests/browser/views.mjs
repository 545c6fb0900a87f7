// Opens each view of the page in light and dark, at the width of a phone and of a desk: axe finds no
// violation, nothing is wider than the window, nothing comes from elsewhere; keeps a picture of each.
//   node views.mjs LINK OUT      LINK: the link with the key; OUT: the folder of the pictures
import assert from 'node:assert/strict';
import { launch } from './browser.mjs';
import { faults, looks } from './looks.mjs';

const [link, out] = process.argv.slice(2);
const { origin } = new URL(link);
const browser = await launch();
const found = [];
try {
  for (const look of looks) {
    const context = await browser.newContext(look);
    const page = await context.newPage();
    const asked = new Set();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    page.on('pageerror', (error) => found.push(String(error)));
    page.on('dialog', (dialog) => { found.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    await page.goto(link);
    assert.equal(page.url(), `${origin}/`, 'the key stays in the address');
    const first = await page.locator('a[href^="/incidents/"]').first().getAttribute('href');
    for (const path of ['/', first, '/history', '/silences', '/deliveries', '/status', '/incidents/none', '/r/x']) {
      await page.goto(origin + path);
      const name = path === first ? 'incident' : path.slice(1).replace('/', '-') || 'incidents';
      found.push(...await faults(page, `view-${name}`, look, out));
    }
    assert.deepEqual([...asked].filter((one) => one !== 'null'), [origin], 'the page asks others');
    await context.close();
  }
} finally {
  await browser.close();
}
assert.deepEqual(found, [], found.join('\n'));
console.log('ok  each view, light and dark, at 390 and 1280 px');
