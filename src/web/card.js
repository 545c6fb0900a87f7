// Works the buttons that show more of a card, on each page that shows cards.
'use strict';

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
