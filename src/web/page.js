// Keeps a view fresh. Times stay in the zone and language of the node, as cards have them.
// Everything works without it.
'use strict';

const live = document.getElementById('live');
const every = 2000;
// The view as it came from the server.
let shown = comparable(document.getElementById('main'));

// Replacing a form under somebody's hands would lose what was typed.
function isBusy(main) {
  const at = document.activeElement;
  if (at && at !== document.body && at !== main && main.contains(at)) return true;
  if (main.querySelector('details[open]')) return true;
  if (String(getSelection() ?? '') !== '') return true;
  const fields = main.querySelectorAll('input:not([type=hidden]), textarea, select');
  return [...fields].some((field) =>
    field.type === 'radio' ? field.checked : field.tagName === 'SELECT'
      ? [...field.options].some((o) => o.selected !== o.defaultSelected && o.value !== '')
      : field.value !== field.defaultValue);
}

function showState(state, words) {
  live.classList.toggle('lost', state === 'lost');
  if (live.textContent !== words) live.textContent = words;
}

// The tokens of forms change with each answer; a view is new only if something else is.
function comparable(main) {
  const copy = main.cloneNode(true);
  for (const token of copy.querySelectorAll('input[name=csrf], [role=status].done')) token.remove();
  return copy.innerHTML;
}

async function refresh() {
  const main = document.getElementById('main');
  try {
    if (!document.hidden) {
      const answer = await fetch(location.href, { cache: 'no-store', credentials: 'same-origin' });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('main');
      if (!fresh) throw new Error('not a view');
      const next = comparable(fresh);
      const isNew = next !== shown;
      if (isNew && isBusy(main)) {
        showState('live', live.dataset.changed);
      } else {
        if (isNew) {
          main.replaceChildren(...fresh.childNodes);
          shown = next;
        }
        showState('live', live.dataset.live);
      }
    }
  } catch {
    showState('lost', live.dataset.lost);
  }
  setTimeout(refresh, every);
}

if (live && document.querySelector('[data-refresh]')) refresh();
