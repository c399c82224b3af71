// The board by keyboard: arrows walk over the cards; Space or Enter takes one, arrows carry it, Enter puts it down.
{
  const { page } = Board;
  const canMove = "canMove" in page.dataset;
  let carried = null;
  let origin = null;

  page.addEventListener("focusin", (event) => {
    const card = event.target.closest("[data-card]");
    if (card && card.dataset.card !== Board.current) Board.rove(card);
  });

  page.addEventListener("keydown", (event) => {
    const card = event.target.closest("[data-card]");
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    if (carried) carry(event);
    else if (event.target === card) walk(event, card);
  });

  // Whoever walks away without putting the card down changes nothing.
  page.addEventListener("focusout", (event) => {
    if (carried && event.relatedTarget && !carried.contains(event.relatedTarget)) cancel();
  });

  function walk(event, card) {
    const column = Board.columnOf(card);
    const cards = Board.cards(column);
    const index = cards.indexOf(card);
    const goal = {
      ArrowUp: () => cards[index - 1],
      ArrowDown: () => cards[index + 1],
      Home: () => cards[0],
      End: () => cards.at(-1),
      ArrowLeft: () => beside(column, -1, index),
      ArrowRight: () => beside(column, 1, index),
    }[event.key];
    if (goal) {
      event.preventDefault();
      const next = goal();
      next?.focus();
      next?.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else if (canMove && (event.key === " " || event.key === "Enter")) {
      event.preventDefault();
      take(card);
    }
  }

  // The card at the same height in the next column that has any.
  function beside(column, step, index) {
    const columns = Board.columns();
    for (let at = columns.indexOf(column) + step; columns[at]; at += step) {
      const cards = Board.cards(columns[at]);
      if (cards.length) return cards[Math.min(index, cards.length - 1)];
    }
    return null;
  }

  function take(card) {
    carried = Board.held = card;
    origin = Board.origin(card);
    card.classList.add("is-carried");
    Board.say(Board.text("picked", { name: card.dataset.name, ...Board.where(card) }));
  }

  function carry(event) {
    const column = Board.columnOf(carried);
    const list = Board.list(column);
    const acts = {
      ArrowUp: () => carried.previousElementSibling && Board.put(carried, column, carried.previousElementSibling),
      ArrowDown: () => carried.nextElementSibling && Board.put(carried, column, carried.nextElementSibling.nextElementSibling),
      Home: () => Board.put(carried, column, list.firstElementChild),
      End: () => Board.put(carried, column),
      ArrowLeft: () => across(-1),
      ArrowRight: () => across(1),
      Escape: cancel,
      Enter: drop,
      " ": drop,
    };
    if (event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    if (!acts[event.key]) return;
    acts[event.key]();
    if (carried) {
      carried.scrollIntoView({ block: "nearest", inline: "nearest" });
      Board.say(Board.text("carried", Board.where(carried)));
    }
  }

  function across(step) {
    const columns = Board.columns();
    const from = Board.columnOf(carried);
    const to = columns[columns.indexOf(from) + step];
    if (to) Board.put(carried, to, Board.cards(to)[Board.cards(from).indexOf(carried)] ?? null);
  }

  function letGo() {
    const card = carried;
    carried = null;
    card.classList.remove("is-carried");
    return card;
  }
  function drop() {
    const card = letGo();
    Board.say(Board.text("dropped", { name: card.dataset.name, ...Board.where(card) }));
    Board.release();
    Board.move(card, origin);
  }
  function cancel() {
    const card = letGo();
    Board.putBack(card, origin);
    Board.say(Board.text("cancelled", { name: card.dataset.name, column: origin.column }));
    Board.release();
  }
}
