// Opens a browser that connects only to the page under test.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

// The npm packages, which are installed outside the tree.
export const modules = createRequire(join(resolve(process.env.FOOTMAN_BROWSER_MODULES ?? 'target/browser'), 'x.js'));

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function launch() {
  const { chromium } = modules('playwright-core');
  const executablePath = process.env.FOOTMAN_CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: flags, headless: true });
}

// The visible content of an element: texts from top to bottom, and the titles of buttons.
export function seen(root) {
  const words = (text) => text.replace(/[\s\u00a0]+/g, ' ').trim();
  const buttons = (node) => node.closest('button, a.button, .button');
  const texts = [];
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement;
    const visible = parent.checkVisibility() && !parent.closest('script, style');
    if (visible && !buttons(parent)) texts.push(node.data);
  }
  const titles = [...root.querySelectorAll('button, .button')].filter((b) => b.checkVisibility());
  return { text: words(texts.join(' ')), buttons: titles.map((b) => words(b.textContent)) };
}
