// Shows the cards anew when a template has changed.
'use strict';

const main = document.getElementById('main');
const live = document.getElementById('live');
const every = 500;
let shown = null;

function say(words) {
  if (live.textContent !== words) live.textContent = words;
}

async function refresh() {
  try {
    const answer = await fetch('/cards', { cache: 'no-store' });
    if (!answer.ok) throw new Error(String(answer.status));
    const views = await answer.text();
    // The first answer is what the page already shows.
    if (shown !== null && views !== shown) {
      const fresh = new DOMParser().parseFromString(views, 'text/html').body;
      main.replaceChildren(...fresh.childNodes);
    }
    shown = views;
    say('follows the templates');
  } catch {
    say('footman preview has ended');
  }
  setTimeout(refresh, every);
}

refresh();
