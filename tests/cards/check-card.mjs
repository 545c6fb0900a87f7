#!/usr/bin/env node
// check-card.mjs - independent acceptance check for Teams webhook payloads (Adaptive Card in a message envelope).
//   node check-card.mjs [--limit BYTES] [--warn BYTES] [--version 1.5] [--strict] [--json]
//                       [--html out.html] [--png out.png] [--theme light|dark] [--width PX] [--mobile] payload.json...|payloads.ndjson|-
// Exit: 0 accepted, 1 rejected (reasons on stdout), 2 usage or I/O fault. --strict turns warnings into errors.
// Needs npm: adaptivecards (the SDK; the one source of truth for properties), and for --html/--png also
// adaptivecards-designer (ships the Teams host config) and markdown-it; for --png a chromium on PATH.
// Modules are looked up from $CARD_CHECK_MODULES, the working directory, then this file's directory.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const opt = { limit: 28000, warn: 24000, version: '1.5', theme: 'light', width: 620 };
const files = [];
for (let a = process.argv.slice(2), i = 0; i < a.length; i++) {
  if (a[i] === '--strict' || a[i] === '--json' || a[i] === '--mobile') opt[a[i].slice(2)] = true;
  else if (a[i].startsWith('--')) opt[a[i].slice(2)] = a[++i];
  else files.push(a[i]);
}
const die = m => { console.error(m); process.exit(2); };
if (!files.length) die('usage: check-card.mjs [options] payload.json...|-');
if (files.length > 1 && (opt.html || opt.png)) die('--html and --png take one payload');

const here = dirname(fileURLToPath(import.meta.url));
const roots = [process.env.CARD_CHECK_MODULES, process.cwd(), here].filter(Boolean);
const find = id => {
  for (const r of roots) try { return createRequire(join(resolve(r), 'x.js')).resolve(id); } catch { /* next root */ }
  die(`cannot find npm module ${id} from ${roots.join(', ')}`);
};
const AC = createRequire(import.meta.url)(find('adaptivecards/dist/adaptivecards.js'));

let out;
const err = (where, m) => out.errors.push(`${where}: ${m}`);
const warn = (where, m) => out.warnings.push(`${where}: ${m}`);

// ---- 1. bytes and envelope ----------------------------------------------------------------------------------------
const ENVELOPE = new Set(['type', 'attachments', 'summary', 'thread']); // thread: our own flow's key, ignored by the stock one
const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';
function envelope(raw) {
  out = { errors: [], warnings: [], info: {} };
  const cards = [];
  out.info.bytes = raw.length;
  if (raw.length > opt.limit) err('payload', `${raw.length} bytes, over the limit of ${opt.limit}`);
  else if (raw.length > opt.warn) warn('payload', `${raw.length} bytes, over the design budget of ${opt.warn}`);
  let text, msg;
  try { text = new TextDecoder('utf-8', { fatal: true }).decode(raw); } catch { err('payload', 'not valid UTF-8'); }
  if (raw[0] === 0xef && raw[1] === 0xbb) err('payload', 'starts with a byte order mark');
  try { msg = JSON.parse(text); } catch (e) { err('payload', `not JSON: ${e.message}`); }

  if (msg !== undefined) {
    if (msg === null || typeof msg !== 'object' || Array.isArray(msg)) err('payload', 'top level is not an object');
    else {
      if (msg.type !== 'message') err('type', 'must be "message"');
      for (const k of Object.keys(msg)) if (!ENVELOPE.has(k)) warn(k, 'unknown top-level member');
      if (!Array.isArray(msg.attachments) || !msg.attachments.length) err('attachments', 'must be a non-empty array');
      else msg.attachments.forEach((t, i) => {
        const w = `attachments[${i}]`;
        if (t?.contentType !== CARD_TYPE) err(w, `contentType must be "${CARD_TYPE}"`);
        if (!('contentUrl' in (t ?? {})) || t.contentUrl !== null) err(w, 'contentUrl must be present and null');
        if (!t?.content || typeof t.content !== 'object') err(w, 'content must be the card object, not text');
        else cards.push([`${w}.content`, t.content]);
      });
      if (cards.length > 1) warn('attachments', 'more than one card: the stock flow posts one message for each');
    }
  }
  return cards;
}

// ---- 2. what Teams takes in a webhook card -------------------------------------------------------------------------
const ELEMENTS = new Set(['TextBlock', 'RichTextBlock', 'FactSet', 'ColumnSet', 'Column', 'Container', 'Table', 'TableRow',
  'TableCell', 'Image', 'ImageSet', 'ActionSet', 'CodeBlock']);
const ACTIONS = new Set(['Action.OpenUrl', 'Action.ShowCard', 'Action.ToggleVisibility']); // Submit/Execute need a bot
// ... or a flow that waits: NAME.waiting.json is such a card. Then one Submit must be the first of the card's own actions,
// where the flow looks for it, and its data say what the flow writes.
const WAITS = /\.waiting\./;
const ANSWER = { sentence: 'string', minutes: 'number', format: 'string' };
const LANGS = new Set(['Bash', 'C', 'Cpp', 'CSharp', 'Css', 'Dos', 'Go', 'Graphql', 'Html', 'Java', 'JavaScript', 'Json',
  'ObjectiveC', 'Perl', 'Php', 'PlainText', 'PowerShell', 'Python', 'Sql', 'TypeScript', 'VbNet', 'Verilog', 'Vhdl', 'Xml']);
const CODEBLOCK = ['codeSnippet', 'language', 'startLineNumber'];
// what the SDK reads outside its property schema (its collections), and Teams' own additions
const EXTRA = { AdaptiveCard: ['body', 'actions', '$schema', 'msteams', 'speak', 'lang'], Container: ['items', 'roundedCorners', 'showBorder'],
  Column: ['items', 'roundedCorners', 'showBorder'], ColumnSet: ['columns', 'roundedCorners', 'showBorder'], TableCell: ['items'], TableRow: ['cells'],
  Table: ['columns', 'rows', 'roundedCorners'], RichTextBlock: ['inlines'], ImageSet: ['images'], ActionSet: ['actions'], Image: ['msteams'], 'Action.ShowCard': ['card'] };
const REQUIRED = { TextBlock: ['text'], RichTextBlock: ['inlines'], FactSet: ['facts'], ColumnSet: ['columns'], Container: ['items'],
  Column: ['items'], Table: ['columns', 'rows'], Image: ['url', 'altText'], CodeBlock: ['codeSnippet', 'language'], ActionSet: ['actions'],
  'Action.OpenUrl': ['title', 'url'], 'Action.Submit': ['title', 'data'], 'Action.ToggleVisibility': ['title', 'targetElements'], 'Action.ShowCard': ['title', 'card'] };
const MAX_ACTIONS = 6; // Teams host config
const version = AC.Version.parse(opt.version, new AC.SerializationContext()) ?? die(`bad --version ${opt.version}`);

// property names the SDK itself declares for a type, with the version each came in
const props = new Map();
function declared(type) {
  if (!props.has(type)) {
    const C = type === 'AdaptiveCard' ? AC.AdaptiveCard
      : { Column: AC.Column, TableRow: AC.TableRow, TableCell: AC.TableCell, TextRun: AC.TextRun }[type]
      ?? AC.GlobalRegistry.defaultElements.findByName(type)?.objectType ?? AC.GlobalRegistry.defaultActions.findByName(type)?.objectType;
    const m = new Map([['type', null], ['fallback', null]]);
    if (C) { const s = new C().getSchema(); for (let i = 0; i < s.getCount(); i++) m.set(s.getItemAt(i).name, s.getItemAt(i).targetVersion); }
    if (type === 'CodeBlock') { for (const k of [...CODEBLOCK, 'id', 'spacing', 'separator', 'isVisible', 'height']) m.set(k, null); }
    for (const k of EXTRA[type] ?? []) m.set(k, null);
    props.set(type, m);
  }
  return props.get(type);
}
function members(w, o, type) {
  const d = declared(type);
  for (const k of Object.keys(o)) {
    if (!d.has(k)) err(`${w}.${k}`, `${type} has no such property`);
    else if (d.get(k) && d.get(k).compareTo(version) > 0) warn(`${w}.${k}`, `needs schema ${d.get(k)}`);
  }
  for (const k of REQUIRED[type] ?? []) if (o[k] === undefined || o[k] === '' || (Array.isArray(o[k]) && !o[k].length)) err(`${w}.${k}`, `${type} needs it`);
}
function string(w, s) { // every string anywhere
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(s)) err(w, 'control character');
  if (!s.isWellFormed?.() && /[\ud800-\udfff]/.test(s.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''))) err(w, 'lone surrogate');
  if (/[\u202a-\u202e\u2066-\u2069]/.test(s)) warn(w, 'bidirectional control character');
  if (/[?&]sig=[\w%-]{20}/i.test(s)) err(w, 'carries a webhook secret (sig=)');
  if (/\{\{(DATE|TIME)\(/.test(s)) warn(w, 'date/time macro would be expanded by the client');
}
function url(w, u, what) {
  let p; try { p = new URL(u); } catch { return err(w, `${what} is not an absolute URL`); }
  if (p.protocol !== 'https:' && !(what === 'image' && p.protocol === 'data:')) err(w, `${what} must be https, is ${p.protocol}`);
  if (p.username || p.password) err(w, `${what} carries credentials`);
}

function walkCard(w, card, waits) {
  const ids = new Set(), targets = [], ats = [];
  const strings = (p, v) => { if (typeof v === 'string') string(p, v); else if (v && typeof v === 'object') for (const [k, x] of Object.entries(v)) strings(`${p}.${k}`, x); };
  strings(w, card);

  let submits = 0;
  const action = (p, a) => {
    if (!a || typeof a !== 'object') return err(p, 'is not an action');
    if (a.type === 'Action.Submit' && waits) {
      submits++;
      members(p, a, a.type);
      if (p !== `${w}.actions[0]`) err(p, 'Action.Submit must be the first of the actions of the card');
      for (const [k, t] of Object.entries(ANSWER)) if (typeof a.data?.[k] !== t) err(`${p}.data.${k}`, `must be a ${t}`);
      for (const k of Object.keys(a.data ?? {})) if (!(k in ANSWER)) err(`${p}.data.${k}`, 'the flow knows nothing of it');
      return;
    }
    if (!ACTIONS.has(a.type)) return err(p, `${a.type} does not work in a webhook card (allowed: ${[...ACTIONS].join(', ')})`);
    members(p, a, a.type);
    if (a.id) ids.add(a.id);
    if (a.type === 'Action.OpenUrl' && a.url !== undefined) url(`${p}.url`, a.url, 'link');
    if (a.type === 'Action.ToggleVisibility') for (const t of a.targetElements ?? []) targets.push([p, typeof t === 'string' ? t : t?.elementId]);
    if (a.type === 'Action.ShowCard' && a.card) { elements(`${p}.card.body`, a.card.body ?? []); actions(`${p}.card.actions`, a.card.actions); }
  };
  const actions = (p, list) => {
    if (list === undefined) return;
    if (!Array.isArray(list)) return err(p, 'must be an array');
    if (list.length > MAX_ACTIONS) err(p, `${list.length} actions, Teams shows ${MAX_ACTIONS}`);
    list.forEach((a, i) => action(`${p}[${i}]`, a));
  };
  // flow bot parses with the .NET library, whose state after an "actions" list reads an unknown element as an action and fails
  // the run (MicrosoftDocs/msteams-docs#11901): so a CodeBlock must be the first item of a list of its own.
  const elements = (p, list, own = false) => {
    if (!Array.isArray(list)) return err(p, 'must be an array');
    list.forEach((e, i) => element(`${p}[${i}]`, e, own && i === 0));
  };
  const element = (p, e, firstInContainer) => {
    if (!e || typeof e !== 'object') return err(p, 'is not an element');
    if (!ELEMENTS.has(e.type)) return err(p, `element ${e.type} is not on the list for Teams webhook cards`);
    members(p, e, e.type);
    if (e.id) ids.add(e.id);
    if (e.selectAction) action(`${p}.selectAction`, e.selectAction);
    switch (e.type) {
      case 'TextBlock':
        if (typeof e.text !== 'string') { err(`${p}.text`, 'must be a string'); break; }
        if (!e.wrap && e.text.length > 40) warn(p, 'no wrap: cut off with an ellipsis on narrow screens');
        if (/^#{1,6} |^> |```|!\[/m.test(e.text)) warn(p, 'markdown that Teams does not render (heading, quote, fence, image)');
        for (const m of e.text.matchAll(/<at>.*?<\/at>/g)) ats.push(m[0]);
        break;
      case 'RichTextBlock':
        (e.inlines ?? []).forEach((r, i) => {
          if (typeof r === 'string') return;
          if (r?.type !== 'TextRun') return err(`${p}.inlines[${i}]`, 'must be a TextRun');
          members(`${p}.inlines[${i}]`, r, 'TextRun');
          if (typeof r.text !== 'string') err(`${p}.inlines[${i}].text`, 'must be a string');
          if (r.selectAction) action(`${p}.inlines[${i}].selectAction`, r.selectAction);
        });
        break;
      case 'FactSet':
        (e.facts ?? []).forEach((f, i) => { for (const k of ['title', 'value']) if (typeof f?.[k] !== 'string' || !f[k]) err(`${p}.facts[${i}].${k}`, 'must be a non-empty string'); });
        break;
      case 'ColumnSet': (e.columns ?? []).forEach((c, i) => { const q = `${p}.columns[${i}]`; members(q, c, 'Column'); if (c.id) ids.add(c.id); if (c.selectAction) action(`${q}.selectAction`, c.selectAction); elements(`${q}.items`, c.items ?? [], true); }); break;
      case 'Container': elements(`${p}.items`, e.items ?? [], true); break;
      case 'Table':
        (e.rows ?? []).forEach((r, i) => { members(`${p}.rows[${i}]`, r, 'TableRow'); if ((r.cells ?? []).length !== (e.columns ?? []).length) err(`${p}.rows[${i}]`, 'cells and columns differ in number');
          (r.cells ?? []).forEach((c, j) => { members(`${p}.rows[${i}].cells[${j}]`, c, 'TableCell'); elements(`${p}.rows[${i}].cells[${j}].items`, c.items ?? [], true); }); });
        break;
      case 'Image': if (e.url) url(`${p}.url`, e.url, 'image'); break;
      case 'ImageSet': elements(`${p}.images`, e.images ?? []); break;
      case 'ActionSet': actions(`${p}.actions`, e.actions); break;
      case 'CodeBlock':
        if (e.language !== undefined && !LANGS.has(e.language)) err(`${p}.language`, `${e.language} is not a Teams code language`);
        if (e.startLineNumber !== undefined && !Number.isInteger(e.startLineNumber)) err(`${p}.startLineNumber`, 'must be a whole number');
        if (!firstInContainer) err(p, 'CodeBlock must be the first item of its own Container (flow bot parser)');
        if (!e.fallback || e.fallback === 'drop') err(p, 'CodeBlock needs a fallback element (mobile shows nothing without)');
        break;
    }
    if (e.fallback && e.fallback !== 'drop') element(`${p}.fallback`, e.fallback);
  };

  if (card.type !== 'AdaptiveCard') err(`${w}.type`, 'must be "AdaptiveCard"');
  const v = AC.Version.parse(String(card.version), new AC.SerializationContext());
  if (!v) err(`${w}.version`, 'missing or unreadable');
  else if (v.compareTo(version) > 0) err(`${w}.version`, `${card.version} is above ${opt.version}`);
  members(w, card, 'AdaptiveCard');
  elements(`${w}.body`, card.body ?? []);
  if (!(card.body ?? []).length) err(`${w}.body`, 'is empty');
  actions(`${w}.actions`, card.actions);
  if (waits && submits !== 1) err(w, `${submits} Action.Submit in a card that waits`);
  if (!card.fallbackText) warn(`${w}.fallbackText`, 'missing: a client that cannot show the card shows nothing');
  for (const [p, t] of targets) if (!ids.has(t)) err(p, `toggles "${t}", which is not in the card`);
  const entities = card.msteams?.entities ?? [];
  for (const a of ats) if (!entities.some(e => e.text === a)) err(w, `mention ${a} has no entity`);
  for (const e of entities) if (!ats.includes(e.text)) err(`${w}.msteams.entities`, `entity ${e.text} is not in any text: Teams answers 400`);
  if (card.msteams?.width !== undefined && card.msteams.width !== 'Full') err(`${w}.msteams.width`, 'only "Full" is known');

  // ---- 3. the SDK's own opinion ----
  AC.CardElement.langProperty.regEx.lastIndex = 0; // a global regexp of the SDK, it remembers the card before
  const ctx = new AC.SerializationContext(version), c = new AC.AdaptiveCard();
  c.hostConfig = new AC.HostConfig({ actions: { maxActions: MAX_ACTIONS } });
  c.parse(card, ctx);
  const seen = [];
  for (let i = 0; i < ctx.eventCount; i++) seen.push(ctx.getEventAt(i));
  seen.push(...c.validateProperties().validationEvents);
  for (const e of seen) {
    if (e.event === AC.ValidationEvent.UnknownElementType && /"CodeBlock"/.test(e.message)) continue; // a Teams extension
    err(w, `SDK ${AC.ValidationPhase[e.phase]}/${AC.ValidationEvent[e.event]}: ${e.message}`);
  }
}
function check(file, raw) {
  const cards = envelope(raw);
  for (const [w, c] of cards) walkCard(w, c, WAITS.test(file));
  if (cards[0]) {
    // the connector carries the card as a JSON string inside JSON, so quotes and backslashes count twice
    out.info.embeddedBytes = Buffer.byteLength(JSON.stringify(JSON.stringify(cards[0][1])));
    if (out.info.embeddedBytes > 28672) warn('payload', `card is ${out.info.embeddedBytes} bytes once embedded as a string (28 KiB is 28672)`);
  }
  if (opt.strict) out.errors.push(...out.warnings.splice(0));

  // ---- 4. picture -----------------------------------------------------------------------------------------------------
  if ((opt.html || opt.png) && cards[0]) {
    const read = id => readFileSync(find(id), 'utf8').replace(/<\/script/g, '<\\/script');
    const host = read(`adaptivecards-designer/lib/hostConfigs/microsoft-teams-${opt.theme}.json`), dark = opt.theme === 'dark';
    const html = `<!doctype html><meta charset="utf-8"><style>
body{margin:0;padding:16px;background:${dark ? '#1f1f1f' : '#f5f5f5'};font:14px "Segoe UI",Selawik,"Liberation Sans",sans-serif;color:${dark ? '#fff' : '#242424'}}
.meta{margin:0 0 6px 2px;font-size:12px;opacity:.75}.card{width:${Number(opt.width)}px;background:${dark ? '#292929' : '#fff'};border:1px solid ${dark ? '#3d3d3d' : '#d1d1d1'};border-radius:8px;overflow:hidden}
.ac-pushButton{font:600 14px inherit;font-family:inherit;padding:5px 12px;border:1px solid ${dark ? '#666' : '#d1d1d1'};border-radius:4px;background:transparent;color:inherit}
.code{font:12px/18px "Cascadia Mono",Consolas,"DejaVu Sans Mono",monospace;background:${dark ? '#1b1a19' : '#f5f5f5'};border:1px solid ${dark ? '#484644' : '#e1dfdd'};border-radius:4px;padding:8px;overflow:hidden;white-space:pre}
.code i{font-style:normal;display:inline-block;width:3.2em;opacity:.5;text-align:right;margin-right:1em}a.ac-anchor{color:#5b5fc7}</style>
  <p class="meta">Workflows - ${opt.mobile ? 'mobile (CodeBlock fallback)' : 'desktop'}</p><div class="card" id="c"></div>
  <script>${read('adaptivecards/dist/adaptivecards.min.js')}</script><script>${read('markdown-it/browser')}</script><script>
  class CodeBlock extends AdaptiveCards.CardElement { getJsonTypeName(){return 'CodeBlock'} parse(s,c){super.parse(s,c);this.s=s} internalRender(){const d=document.createElement('div');d.className='code';
   String(this.s.codeSnippet).split('\\n').forEach((l,i)=>{const n=document.createElement('i');n.textContent=(this.s.startLineNumber??1)+i;d.append(n,l,'\\n')});return d} }
  ${opt.mobile ? '' : "AdaptiveCards.GlobalRegistry.elements.register('CodeBlock',CodeBlock);"}
  const md=markdownit({html:false}).disable(['heading','lheading','table','image','fence','code','blockquote','backticks','strikethrough','autolink']);
  AdaptiveCards.AdaptiveCard.onProcessMarkdown=(t,r)=>{r.outputHtml=md.render(t);r.didProcess=true};
  const card=new AdaptiveCards.AdaptiveCard();card.hostConfig=new AdaptiveCards.HostConfig(${host});
  card.parse(${JSON.stringify(cards[0][1]).replace(/</g, '\\u003c')});document.getElementById('c').append(card.render());document.title='h='+Math.ceil(document.documentElement.getBoundingClientRect().height)</script>`;
    const dir = mkdtempSync(join(tmpdir(), 'card-')), page = opt.html ? resolve(opt.html) : join(dir, 'card.html');
    writeFileSync(page, html);
    if (opt.png) {
      const base = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--hide-scrollbars', `--user-data-dir=${join(dir, 'profile')}`];
      const go = extra => spawnSync('chromium', [...base, ...extra, `file://${page}`], { encoding: 'utf8', timeout: 60000 });
      const dom = go(['--virtual-time-budget=2000', `--window-size=${Number(opt.width) + 40},4000`, '--dump-dom']);
      if (dom.error) die(`chromium: ${dom.error.message}`);
      if (!/ac-adaptiveCard/.test(dom.stdout)) err('render', 'the SDK rendered nothing');
      const tall = Number(/<title>h=(\d+)/.exec(dom.stdout)?.[1] ?? 1200) + 16;
      out.info.pixels = `${opt.width}x${tall}`;
      go([`--window-size=${Number(opt.width) + 40},${tall}`, '--force-device-scale-factor=1.5', `--screenshot=${resolve(opt.png)}`]);
    }
    rmSync(dir, { recursive: true, force: true });
  }

  const ok = !out.errors.length;
  if (opt.json) console.log(JSON.stringify({ ok, ...out }, null, 1));
  else {
    for (const e of out.errors) console.log(`ERROR ${e}`);
    for (const e of out.warnings) console.log(`WARN  ${e}`);
    console.log(`${ok ? 'OK' : 'REJECTED'} ${file} ${JSON.stringify(out.info)}`);
  }
  return ok;
}

const read = (file) => { try { return readFileSync(file === '-' ? 0 : file); } catch (e) { return die(e.message); } };
let rejected = 0;
for (const file of files) {
  const raw = read(file);
  // One payload a line.
  const lines = file.endsWith('.ndjson') ? raw.toString().split('\n').filter(Boolean) : [];
  if (!lines.length) rejected += check(file, raw) ? 0 : 1;
  lines.forEach((line, i) => { rejected += check(`${file}:${i + 1}`, Buffer.from(line)) ? 0 : 1; });
}
process.exit(rejected ? 1 : 0);
