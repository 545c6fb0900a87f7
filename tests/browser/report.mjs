// Opens the report of a replay at a phone's and a desk's width, light and dark: nothing overflows.
//   node report.mjs FILE FOLDER    pictures go into the folder
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch } from './browser.mjs';

const [file, folder] = process.argv.slice(2);
const browser = await launch();
try {
  for (const width of [390, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
      await page.goto(pathToFileURL(resolve(file)).href);
      await page.evaluate(() => { for (const it of [...document.querySelectorAll('details')].slice(0, 2)) it.open = true; });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `the report is ${wide} px wide at ${width} px`);
      assert.ok(await page.evaluate(() => document.querySelector('.card')?.checkVisibility()), 'no card is shown');
      await page.screenshot({ path: join(folder, `report-${width}-${colorScheme}.png`), fullPage: true });
      await page.close();
    }
  }
} finally {
  await browser.close();
}
console.log('report: fits 390 and 1280 px, light and dark');
