// A person without a mouse goes through each view, searches the history, opens an incident and acknowledges it.
//   node keyboard.mjs LINK      LINK: the link with the key of a page whose story.txt is over
import assert from 'node:assert/strict';
import { launch } from './browser.mjs';
import { tabTo, walk } from './keys.mjs';

const [link] = process.argv.slice(2);
const { origin } = new URL(link);
const browser = await launch();
try {
  for (const width of [390, 1280]) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    await page.goto(link);
    const first = await page.getByRole('link', { name: 'Sales Dashboard' }).getAttribute('href');
    const counts = [];
    for (const path of ['/', first, '/history', '/silences', '/deliveries', '/status']) {
      await page.goto(origin + path);
      counts.push(await walk(page));
    }
    console.log(`ok  Tab at ${width} px: ${counts.join(', ')} places in the views, in order and seen`);
    await page.close();
  }

  const page = await browser.newPage();
  const { keyboard } = page;
  await page.goto(link);
  await tabTo(page, page.getByRole('link', { name: 'Skip to content' }));
  await keyboard.press('Enter');
  await keyboard.press('Tab');
  assert.ok(await page.locator('main :focus').count(), 'the skip link does not lead into the content');

  await page.goto(link);
  await tabTo(page, page.getByRole('link', { name: 'History' }));
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'History' }).waitFor();
  await tabTo(page, page.getByLabel('Text'));
  await keyboard.type('Sales');
  await keyboard.press('Enter');
  await page.waitForURL(/[?&]q=Sales/);
  assert.equal(await page.locator('tbody', { hasText: 'HR Overview' }).count(), 0, 'the search finds everything');

  await tabTo(page, page.locator('main').getByRole('link', { name: 'Sales Dashboard' }).first());
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Reload failed: Sales Dashboard' }).waitFor();
  const form = page.locator('form', { has: page.getByRole('heading', { name: 'Acknowledge' }) });
  await tabTo(page, form.getByLabel('Your name'));
  await keyboard.type('Anna Berg');
  await tabTo(page, form.getByLabel('Note (optional)'));
  await keyboard.type('Calling the database team');
  await tabTo(page, form.getByRole('button'));
  await keyboard.press('Enter');
  await page.getByText('Done.').waitFor();
  await page.locator('.sum .state', { hasText: 'acknowledged' }).waitFor();
  console.log('ok  searched, opened and acknowledged by keyboard');
} finally {
  await browser.close();
}
