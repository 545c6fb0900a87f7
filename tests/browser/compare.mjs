// Renders each card with the Adaptive Cards SDK and with our page, and compares what is visible:
// the texts from top to bottom and the titles of the buttons.
//   node compare.mjs URL FOLDER      URL: the page that shows the cards of FOLDER
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, modules, seen } from './browser.mjs';

const [url, folder] = process.argv.slice(2);
const sdk = readFileSync(modules.resolve('adaptivecards/dist/adaptivecards.js'), 'utf8');
const names = readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
assert.ok(names.length > 0, `no card in ${folder}`);

const browser = await launch();
try {
  const ours = await browser.newPage();
  await ours.goto(url);
  const theirs = await browser.newPage();
  await theirs.addScriptTag({ content: sdk });
  const differing = [];
  for (const name of names) {
    const envelope = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const card = ours.locator(`.post[data-name="${name}"] .card`);
    await card.waitFor({ timeout: 10_000 });
    const here = await card.evaluate(seen);
    const there = await theirs.evaluate(draw, envelope.attachments[0].content)
      .then(() => theirs.locator('#drawn').evaluate(seen));
    const same = difference(here, there) === '';
    console.log(`${same ? 'ok  ' : 'NOT '}${name}`);
    if (!same) differing.push(`${name}\n${difference(here, there)}`);
  }
  assert.deepEqual(differing, [], `a reader sees something else:\n${differing.join('\n')}`);
} finally {
  await browser.close();
}

function difference(here, there) {
  const lines = [];
  if (here.text !== there.text) lines.push(` page: ${here.text}`, `  SDK: ${there.text}`);
  const [our, their] = [here.buttons.join(' | '), there.buttons.join(' | ')];
  if (our !== their) lines.push(` page: [${our}]`, `  SDK: [${their}]`);
  return lines.join('\n');
}

// Runs in the SDK's page. CodeBlock is a Teams extension that the SDK does not render.
function draw(content) {
  const { AdaptiveCard, CardElement, GlobalRegistry, HostConfig } = globalThis.AdaptiveCards;
  class CodeBlock extends CardElement {
    getJsonTypeName() { return 'CodeBlock'; }
    parse(source, context) { super.parse(source, context); this.source = source; }
    internalRender() {
      const block = document.createElement('div');
      const first = this.source.startLineNumber ?? 1;
      this.source.codeSnippet.split('\n').forEach((line, i) => {
        block.append(Object.assign(document.createElement('div'), { textContent: `${first + i} ${line}` }));
      });
      return block;
    }
  }
  GlobalRegistry.elements.register('CodeBlock', CodeBlock);
  const card = new AdaptiveCard();
  card.hostConfig = new HostConfig({ actions: { maxActions: 6 }, supportsInteractivity: true });
  card.parse(content);
  const drawn = Object.assign(document.createElement('div'), { id: 'drawn' });
  drawn.append(card.render());
  document.body.replaceChildren(drawn);
  for (const button of drawn.querySelectorAll('button, [role="button"]')) button.classList.add('button');
}
