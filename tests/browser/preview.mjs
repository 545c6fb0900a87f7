// A template is edited while its preview is open: the picture changes, and a mistake is shown in place.
//   node preview.mjs FOOTMAN OUT      OUT: a folder for the configuration and the pictures
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { launch } from './browser.mjs';

const [footman, out] = process.argv.slice(2);
const work = join(out, 'preview');
const templates = join(work, 'templates');
rmSync(work, { recursive: true, force: true });
mkdirSync(templates, { recursive: true });
writeFileSync(join(work, 'footman.toml'), '');

const card = (text, style = 'emphasis') => JSON.stringify({
  type: 'AdaptiveCard', version: '1.5',
  body: [{ type: 'Container', style, items: [{ type: 'TextBlock', wrap: true, text }] }],
}, null, 2);
const write = (text) => writeFileSync(join(templates, 'test.json'), text);

write(card('Hello from {{ node }}'));
const program = spawn(resolve(footman), ['preview', '--config', 'footman.toml'], { cwd: work, stdio: ['ignore', 'pipe', 'inherit'] });
const browser = await launch();
try {
  const [first] = await new Promise((done) => createInterface({ input: program.stdout }).once('line', (...line) => done(line)));
  const url = first.match(/http:\/\/[0-9.:]+\//)[0];
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const troubles = [];
  page.on('console', (line) => line.type() === 'error' && troubles.push(line.text()));
  page.on('pageerror', (error) => troubles.push(String(error)));
  await page.goto(url);
  const kinds = await page.locator('.kind').count();
  assert.ok(kinds >= 15, `${kinds} kinds`);
  assert.equal(await page.locator('.kind .card').count(), kinds, 'a kind has no card');
  const test = page.locator('#kind-test');
  await test.getByText('Hello from').waitFor();
  await page.getByText('follows the templates').waitFor();
  const before = await test.screenshot({ path: join(out, 'preview-before.png') });

  write(card('Changed by {{ node }}', 'attention'));
  await test.getByText('Changed by').waitFor();
  const after = await test.screenshot({ path: join(out, 'preview-after.png') });
  assert.ok(!before.equals(after), 'the picture is the same');

  write(card('Wrong {{ nobody }}'));
  const fault = test.locator('.fault');
  await fault.waitFor();
  const said = await fault.innerText();
  assert.match(said, /test\.json:\d+:\d+/);
  assert.match(said, /unknown variable `nobody`/);
  assert.equal(await page.locator('.fault').count(), 1, 'the mistake is shown elsewhere too');
  assert.equal(await test.locator('.card').count(), 1, 'the card that is sent meanwhile is not shown');
  await page.screenshot({ path: join(out, 'preview-mistake.png'), fullPage: true });

  write(card('Right again'));
  await test.getByText('Right again').waitFor();
  assert.equal(await page.locator('.fault').count(), 0, 'the mistake is still shown');
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `the page is ${over} px too wide`);
  assert.deepEqual(troubles, []);
  console.log(`ok  ${kinds} kinds; an edited template changed its picture, and a mistake was shown in place`);
} finally {
  await browser.close();
  program.kill();
}
