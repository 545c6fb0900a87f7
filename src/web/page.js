// Brings new cards to the page each second, works their "show more" buttons and tells the time
// in the reader's own zone.
'use strict';

const cards = document.getElementById('cards');
const live = document.getElementById('live');
const title = document.title;
let unseen = 0;

function localTimes(root) {
  const today = new Date().toDateString();
  for (const time of root.querySelectorAll('time')) {
    const at = new Date(time.dateTime);
    const day = at.toDateString() === today ? undefined : 'medium';
    time.textContent = at.toLocaleString(undefined, { dateStyle: day, timeStyle: 'medium' });
  }
}

function tellUnseen() {
  document.title = unseen > 0 ? `(${unseen}) ${title}` : title;
}

function show(html, name) {
  const fresh = document.createElement('template');
  fresh.innerHTML = html; // drawn and escaped by the server; no script runs from here
  localTimes(fresh.content);
  const post = fresh.content.firstElementChild;
  post.classList.add('new');
  const older = [...cards.children].find((other) => other.dataset.name < name);
  cards.insertBefore(post, older ?? null);
  if (document.hidden) unseen += 1;
  tellUnseen();
}

// Cards may arrive in another order than that of their names, so the whole list counts.
async function catchUp() {
  const names = new Set((await ask('/cards')).split('\n').filter(Boolean));
  for (const post of [...cards.children]) {
    if (!names.delete(post.dataset.name)) post.remove();
  }
  for (const name of [...names].reverse()) {
    const html = await ask(`/cards/${encodeURIComponent(name)}`);
    if (html) show(html, name);
  }
}

async function ask(path) {
  const answer = await fetch(path, { cache: 'no-store' });
  if (answer.status === 404) return ''; // deleted meanwhile
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.text();
}

function showState(state, words) {
  live.classList.toggle('lost', state === 'lost');
  if (live.textContent !== words) live.textContent = words;
}

async function refresh() {
  try {
    await catchUp();
    showState('live', 'live');
  } catch {
    showState('lost', 'Footman is not answering');
  }
  setTimeout(refresh, 1000);
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) unseen = 0;
  tellUnseen();
});

document.addEventListener('click', (click) => {
  const button = click.target.closest('button[data-toggle]');
  if (!button) return;
  const card = button.closest('.card');
  for (const [id, visible] of JSON.parse(button.dataset.toggle)) {
    for (const part of card.querySelectorAll('[data-id]')) {
      if (part.dataset.id === id) part.hidden = visible === null ? !part.hidden : !visible;
    }
  }
});

localTimes(document);
refresh();
