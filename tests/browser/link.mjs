// A person opens the link of a card, silences its incident for two hours under a name, and the next failure
// is silent; another acknowledges it by keyboard, without JavaScript. The form and its answer are examined in
// each look. With the real program on the logs of a simulated node.
//   node link.mjs FOOTMAN OUT      OUT: a folder for logs, state and pictures
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { launch } from './browser.mjs';
import { tabTo, walk } from './keys.mjs';
import { faults, looks } from './looks.mjs';

const [footman, out] = process.argv.slice(2);
const work = join(out, 'link');
const demo = join(work, 'demo');
const [state, logs] = [join(work, 'agent'), join(demo, 'Sense', 'Log')];
const folder = join(state, 'cards', 'default');
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const running = [];

function start(...args) {
  running.push(spawn(footman, args, { stdio: 'ignore' }));
}

// The address of the page is on cards, so it must be known before the page is served.
async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function until(what, find) {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await find();
    if (found) return found;
    assert.ok(Date.now() < end, `never: ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

// The files of the cards, the oldest first.
function cards() {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.endsWith('.json')).sort();
}

async function silences(origin) {
  return (await fetch(`${origin}/api/silences`)).json();
}

// Opens an address in each look.
async function examine(name, address) {
  const found = [];
  for (const look of looks) {
    const context = await browser.newContext(look);
    const page = await context.newPage();
    await page.goto(address);
    found.push(...await faults(page, name, look, out));
    await context.close();
  }
  assert.deepEqual(found, [], found.join('\n'));
}

const browser = await launch();
try {
  // The same task fails every few seconds, and each failure is a card of its own.
  writeFileSync(join(work, 'story.txt'), '0 reload "Sales Dashboard" fails "Table not found"\n4 again\n');
  start('demo', '--no-open', '--port', '0', '--folder', demo, '--script', join(work, 'story.txt'));
  await until('the simulated node', () => existsSync(join(logs, 'Script')));
  const origin = `http://127.0.0.1:${await freePort()}`;
  writeFileSync(join(work, 'footman.toml'), `[page]\nlisten = "${new URL(origin).host}"\nurl = "${origin}"\n[incident]\nrepeat = "1ms"\n`);
  start('run', '--config', join(work, 'footman.toml'), '--log-root', logs, '--state-dir', state);
  await until('two cards', () => cards().length >= 2);
  const card = JSON.parse(readFileSync(join(folder, cards()[0]), 'utf8')).attachments[0].content;
  const buttons = card.body.filter((element) => element.type === 'ActionSet').flatMap((set) => set.actions);
  const link = buttons.find((button) => button.title === 'Acknowledge or silence…').url;
  assert.ok(link.startsWith(`${origin}/r/`), link);

  const page = await browser.newPage({ viewport: { width: 390, height: 900 } });
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  await page.goto(link);
  await page.getByRole('heading', { name: 'Reload failed: Sales Dashboard' }).waitFor();
  await examine('link-form', link);
  assert.deepEqual(await silences(origin), [], 'opening the link has silenced something');
  await page.getByLabel('Silence:').check();
  await page.getByLabel('Silence for').selectOption({ label: '2 hours' });
  await page.getByLabel('Your name').fill('Anna Berg');
  await page.getByRole('button', { name: 'Do it' }).click();
  await page.getByText('Silenced by Anna Berg until').waitFor();
  await examine('link-done', page.url());

  const [silence] = await silences(origin);
  assert.equal(silence.by, 'Anna Berg');
  const hours = (Date.parse(silence.until) - Date.parse(silence.from)) / 3_600_000;
  assert.ok(Math.abs(hours - 2) < 0.01, `silenced for ${hours} h`);
  // A card that was decided before may still be written.
  const held = async (n) => (await silences(origin))[0].held_back >= n;
  await until('the next failure is held back', () => held(1));
  const before = cards().length;
  await until('another failure is held back', () => held(3));
  assert.equal(cards().length, before, 'a failure in the silence has made a card');
  assert.deepEqual(troubles, []);
  console.log('ok  a link silenced its incident for 2 hours; the next failures were held back');

  const plain = await browser.newPage({ javaScriptEnabled: false });
  await plain.goto(link);
  await walk(plain);
  await plain.goto(link);
  await tabTo(plain, plain.getByLabel('Acknowledge:'));
  await plain.keyboard.press('Space');
  await tabTo(plain, plain.getByLabel('Your name'));
  await plain.keyboard.type('Bo Lind');
  await plain.keyboard.press('Enter');
  await plain.getByText('Acknowledged by Bo Lind').waitFor();
  console.log('ok  a link acknowledged its incident by keyboard, without scripts');
} finally {
  await browser.close();
  for (const process of running) process.kill();
}
