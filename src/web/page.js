// Brings new cards to the page each second, works their "show more" buttons and tells the time
// in the reader's own zone.
'use strict';

const cards = document.getElementById('cards');
const live = document.getElementById('live');
const title = document.title;
let unseen = 0;

function where() {
  const newest = cards.firstElementChild?.dataset.name;
  return newest ? `/cards/${encodeURIComponent(newest)}` : '/cards';
}

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

function show(html) {
  const fresh = document.createElement('template');
  fresh.innerHTML = html; // drawn and escaped by the server; no script runs from here
  localTimes(fresh.content);
  const arrived = fresh.content.childElementCount;
  for (const post of fresh.content.children) post.classList.add('new');
  cards.prepend(fresh.content);
  while (cards.childElementCount > 200) cards.lastElementChild.remove();
  if (document.hidden) unseen += arrived;
  tellUnseen();
}

function told(state, words) {
  live.classList.toggle('lost', state === 'lost');
  if (live.textContent !== words) live.textContent = words;
}

async function look() {
  try {
    const answer = await fetch(where(), { cache: 'no-store' });
    if (!answer.ok) throw new Error(answer.status);
    const html = await answer.text();
    if (html.trim() !== '') show(html);
    told('live', 'live');
  } catch {
    told('lost', 'Footman is not answering');
  }
  setTimeout(look, 1000);
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
look();
