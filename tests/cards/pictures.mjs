// Draws cards with the Adaptive Cards SDK as Teams does, in light, dark and high contrast and on a phone, checks what a
// reader sees, and keeps a picture of each.
//   node pictures.mjs FOLDER OUT      FOLDER: drawn.NAME.json, and drawn.txt with the names that must be there
// Checked in each picture: nothing is cut or wider than the card; the contrast of every text is at least 4.5; what to do
// stands right under the cause and has the width of the card; the buttons fit.
import { mkdirSync, readFileSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { launch, modules } from '../browser/browser.mjs';

const [folder, out] = process.argv.slice(2);
const designer = createRequire(join(resolve(process.env.CARD_CHECK_MODULES ?? 'target/card-modules'), 'x.js'));
const host = (theme) => JSON.parse(readFileSync(designer.resolve(`adaptivecards-designer/lib/hostConfigs/microsoft-teams-${theme}.json`), 'utf8'));
const sdk = readFileSync(modules.resolve('adaptivecards/dist/adaptivecards.js'), 'utf8');
const names = readFileSync(join(folder, 'drawn.txt'), 'utf8').split('\n').filter(Boolean);

// Teams in high contrast: there is no host configuration of it, so its styles get the colors of Fluent's own theme for
// Teams, as Fluent's bars of messages use them.
const { teamsHighContrastTheme: fluent } = designer('@fluentui/react-theme');
const STYLES = {
  default: 'NeutralBackground1 NeutralForeground1',
  emphasis: 'NeutralBackground2 NeutralForeground1',
  accent: 'NeutralBackground3 NeutralForeground1',
  good: 'StatusSuccessBackground1 StatusSuccessForeground1',
  warning: 'StatusWarningBackground1 StatusWarningForeground1',
  attention: 'StatusDangerBackground1 StatusDangerForeground1',
};
function highContrast() {
  const config = host('dark');
  for (const [name, style] of Object.entries(config.containerStyles)) {
    const [behind, text] = STYLES[name].split(' ').map((color) => fluent[`color${color}`]);
    style.backgroundColor = behind;
    for (const color of Object.values(style.foregroundColors)) Object.assign(color, { default: text, subtle: fluent.colorNeutralForeground3 });
  }
  return config;
}

const VARIANTS = {
  light: { config: host('light'), width: 640, page: '#f5f5f5', card: '#ffffff', text: '#242424', code: '#f5f5f5', border: '#d1d1d1' },
  dark: { config: host('dark'), width: 640, page: '#1f1f1f', card: '#2d2c2c', text: '#ffffff', code: '#1b1a19', border: '#3d3d3d' },
  contrast: { config: highContrast(), width: 640, page: fluent.colorNeutralBackground3, card: fluent.colorNeutralBackground1, text: fluent.colorNeutralForeground1, code: fluent.colorNeutralBackground3, border: fluent.colorNeutralStroke1 },
  phone: { config: host('dark'), width: 320, page: '#1f1f1f', card: '#2d2c2c', text: '#ffffff', code: '#1b1a19', border: '#3d3d3d', phone: true },
};

const problems = [];
const browser = await launch();
try {
  // Each look has a page of its own, so that they are drawn at the same time.
  await Promise.all(Object.entries(VARIANTS).map(async ([variant, look]) => {
    mkdirSync(join(out, variant), { recursive: true });
    const page = await browser.newPage({ viewport: { width: look.width + 32, height: 1200 } });
    await page.setContent(`<!doctype html><style>
      body { margin: 16px; background: ${look.page}; color: ${look.text}; font: 14px 'Segoe UI', 'Liberation Sans', sans-serif }
      #card { width: ${look.width}px; background: ${look.card}; border: 1px solid ${look.border}; border-radius: 8px; overflow: hidden }
      .ac-pushButton { font: 600 14px 'Segoe UI', 'Liberation Sans', sans-serif; padding: 5px 12px; border: 1px solid #777; border-radius: 4px; background: transparent; color: inherit; white-space: nowrap }
      .code { font: 12px/18px 'DejaVu Sans Mono', monospace; background: ${look.code}; border: 1px solid ${look.border}; padding: 8px; overflow: hidden; white-space: pre }
    </style><div id="card"></div>`);
    await page.addScriptTag({ content: sdk });
    await page.evaluate(prepare, { config: look.config, phone: !!look.phone });
    for (const name of names) {
      const file = join(folder, `drawn.${name}.json`);
      if (!existsSync(file)) { problems.push(`${name}: not written`); continue; }
      const card = JSON.parse(readFileSync(file, 'utf8')).attachments[0].content;
      for (const fault of await page.evaluate(draw, card)) problems.push(`${name} ${variant}: ${fault}`);
      await page.locator('#card').screenshot({ path: join(out, variant, `${name}.png`) });
    }
    await page.close();
  }));
} finally {
  await browser.close();
}
for (const variant of Object.keys(VARIANTS)) {
  for (const name of names) if (!existsSync(join(out, variant, `${name}.png`))) problems.push(`${name}: no picture in ${variant}`);
}
for (const problem of problems) console.log(problem);
console.log(`${names.length} cards drawn in ${Object.keys(VARIANTS).length} looks, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);

// The following functions run in the page.

// CodeBlock is a Teams extension that phones do not show.
function prepare({ config, phone }) {
  const { CardElement, GlobalRegistry, HostConfig } = globalThis.AdaptiveCards;
  class CodeBlock extends CardElement {
    getJsonTypeName() { return 'CodeBlock'; }
    parse(source, context) { super.parse(source, context); this.source = source; }
    internalRender() {
      const first = this.source.startLineNumber ?? 1;
      const text = this.source.codeSnippet.split('\n').map((line, i) => `${String(first + i).padStart(4)}  ${line}`).join('\n');
      return Object.assign(document.createElement('div'), { className: 'code', textContent: text });
    }
  }
  if (!phone) GlobalRegistry.elements.register('CodeBlock', CodeBlock);
  globalThis.config = new HostConfig(config);
}

function draw(content) {
  const { AdaptiveCard } = globalThis.AdaptiveCards;
  const card = new AdaptiveCard();
  card.hostConfig = globalThis.config;
  // A client shows the name of whom a card mentions.
  card.parse(JSON.parse(JSON.stringify(content).replace(/<at>(.*?)<\/at>/g, '$1')));
  const root = document.getElementById('card');
  root.replaceChildren(card.render());
  const faults = [];
  const box = root.getBoundingClientRect();
  const rgba = (color) => { const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number); return { r, g, b, a }; };
  const over = (top, under) => {
    const mix = (one) => top[one] * top.a + under[one] * (1 - top.a);
    return { r: mix('r'), g: mix('g'), b: mix('b'), a: 1 };
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const luminance = ({ r, g, b }) => {
    const [red, green, blue] = [r, g, b].map((part) => part / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (element) => {
    const back = behind(element);
    const [one, other] = [luminance(over(rgba(getComputedStyle(element).color), back)), luminance(back)];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  };
  const boxes = [];
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility() || parent.closest('script, style')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const place = range.getBoundingClientRect();
    if (place.width === 0) continue;
    boxes.push({ text: node.data, place });
    const around = parent.closest('.ac-richTextBlock, .ac-textBlock')?.parentElement?.getBoundingClientRect();
    if (around && place.right > around.right + 1) faults.push(`wider than its column by ${Math.round(place.right - around.right)} px: ${node.data.slice(0, 60)}`);
    const ratio = contrast(parent);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${node.data.slice(0, 60)}`);
    if (!parent.closest('.code') && place.right > box.right - 14) faults.push(`cut on the right by ${Math.round(place.right - box.right)} px: ${node.data.slice(0, 60)}`);
  }
  for (const button of root.querySelectorAll('.ac-pushButton')) {
    const place = button.getBoundingClientRect();
    if (place.right > box.right - 14) faults.push(`button cut by ${Math.round(place.right - box.right)} px: ${button.textContent}`);
  }
  // What to do: under the cause, which is the text before it, and as wide as the card.
  const label = boxes.findIndex(({ text }) => /^(What to do|Was ist zu tun): /.test(text));
  if (label > 0 && !/^digest/.test(content.fallbackText ?? '')) {
    const between = boxes[label].place.top - boxes[label - 1].place.bottom;
    if (between > 40) faults.push(`what to do is ${Math.round(between)} px under the cause`);
    const block = boxes[label + 1]?.place;
    if (block && block.height > 30 && block.width < box.width * 0.7) faults.push('what to do is in a narrow column');
  }
  return faults;
}
