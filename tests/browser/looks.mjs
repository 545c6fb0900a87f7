// What each view must pass: in light and dark, at the width of a phone and of a desk.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modules } from './browser.mjs';

const axe = readFileSync(modules.resolve('axe-core/axe.min.js'), 'utf8');

export const looks = ['light', 'dark'].flatMap((colorScheme) =>
  [390, 1280].map((width) => ({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true })));

// Keeps a picture of the page in OUT, and returns what axe finds and whether something is too wide.
export async function faults(page, name, { colorScheme, viewport: { width } }, out) {
  const look = `${name}-${colorScheme}-${width}`;
  await page.screenshot({ path: join(out, `${look}.png`), fullPage: true });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const found = violations.map(({ id, nodes }) =>
    `${look}: ${id}: ${nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (over > 0) found.push(`${look}: ${over} px too wide`);
  return found;
}
