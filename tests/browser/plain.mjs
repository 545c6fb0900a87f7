// Without JavaScript each view shows the same, and the forms work.
//   node plain.mjs LINK OUT      LINK: the link with the key of a page whose story.txt is over; OUT: the folder of the pictures
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { launch, seen } from './browser.mjs';

const [link, out] = process.argv.slice(2);
const { origin } = new URL(link);
const browser = await launch();

// What a reader sees, except whether the view is live. Scripts show times in the reader's zone.
async function content(page) {
  await page.locator('.live').evaluateAll((each) => each.forEach((one) => one.remove()));
  await page.locator('time').evaluateAll((each) => each.forEach((one) => { one.textContent = one.dateTime; }));
  return page.locator('body').evaluate(seen);
}

try {
  const open = async (javaScriptEnabled) => {
    const page = await browser.newPage({ javaScriptEnabled, viewport: { width: 390, height: 900 } });
    await page.goto(link);
    return page;
  };
  const [scripted, page] = await Promise.all([open(true), open(false)]);
  const path = await page.getByRole('link', { name: 'HR Overview' }).getAttribute('href');
  for (const view of ['/', path, '/history', '/history?q=Sales', '/silences', '/deliveries', '/status']) {
    await Promise.all([scripted.goto(origin + view), page.goto(origin + view)]);
    const name = view === path ? 'incident' : view.slice(1).replace(/\W/g, '-') || 'incidents';
    await page.screenshot({ path: join(out, `plain-${name}.png`), fullPage: true });
    assert.deepEqual(await content(page), await content(scripted), `${view} differs without scripts`);
  }
  console.log('ok  each view shows the same without scripts');

  // Sends a form, and waits for what the next view says at the top.
  const send = async (form, fields, button, says = 'Done.') => {
    for (const [label, value] of Object.entries(fields)) {
      const field = form.getByLabel(label);
      await (label === 'For' ? field.selectOption(value) : field.fill(value));
    }
    const next = page.waitForEvent('domcontentloaded');
    await form.getByRole('button', { name: button }).click();
    await next;
    assert.equal(await page.locator('.done, h1').first().innerText(), says);
  };
  const form = (title) => page.locator('form', { has: page.getByRole('heading', { name: title, exact: true }) });
  await page.goto(origin + path);
  await send(form('Acknowledge'), { 'Your name': 'Anna Berg' }, 'Acknowledge');
  await send(form('Acknowledged'), { 'Your name': 'Anna Berg' }, 'Take back');
  await form('Acknowledge').waitFor();
  await send(form('Note'), { 'Note': 'It needs a restart', 'Your name': 'Anna Berg' }, 'Add note');
  await page.locator('.learned', { hasText: 'It needs a restart' }).waitFor();
  await page.goto(`${origin}/silences`);
  const add = page.locator('form.add');
  await send(add, { 'For': '2h', 'Reason': 'moving', 'Your name': 'Anna Berg' }, 'Add silence', 'A silence without a matcher would hide everything');
  await page.goto(`${origin}/silences`);
  await send(add, { 'app': 'Night*', 'For': '2h', 'Reason': 'moving', 'Your name': 'Anna Berg' }, 'Add silence');
  const silence = page.locator('tr', { hasText: 'Night*' });
  await send(silence, { 'Your name': 'Anna Berg' }, 'End');
  await silence.getByText('expired').waitFor();
  console.log('ok  acknowledged, taken back, noted, refused, silenced and ended without scripts');
} finally {
  await browser.close();
}
