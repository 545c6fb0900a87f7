// Opens each view of the page in light and dark, at the width of a phone and of a desk: axe finds no
// violation, nothing is wider than the window, nothing comes from elsewhere; keeps a picture of each.
//   node views.mjs LINK OUT      LINK: the link with the key; OUT: the folder of the pictures
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, modules } from './browser.mjs';

const [link, out] = process.argv.slice(2);
const axe = readFileSync(modules.resolve('axe-core/axe.min.js'), 'utf8');
const { origin } = new URL(link);
const browser = await launch();
const found = [];
try {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [390, 1280]) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
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
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        const name = path === first ? 'incident' : path.slice(1).replace('/', '-') || 'incidents';
        for (const { id, nodes } of violations) {
          found.push(`${name} ${colorScheme} ${width}: ${id}: ${nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
        }
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (over > 0) found.push(`${name} ${colorScheme} ${width}: ${over} px too wide`);
        await page.screenshot({ path: join(out, `view-${name}-${colorScheme}-${width}.png`), fullPage: true });
      }
      assert.deepEqual([...asked].filter((one) => one !== 'null'), [origin], 'the page asks others');
      await context.close();
    }
  }
} finally {
  await browser.close();
}
assert.deepEqual(found, [], found.join('\n'));
console.log('ok  each view, light and dark, at 390 and 1280 px');
