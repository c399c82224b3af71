// Where cards are on the page, and how one is put somewhere else.
{
  const { page } = Board;

  Board.columns = () => [...page.querySelectorAll("[data-column]")];
  Board.column = (code) => page.querySelector(`[data-column="${CSS.escape(code)}"]`);
  Board.columnOf = (card) => card.closest("[data-column]");
  Board.list = (column) => column.querySelector("[data-cards]");
  Board.cards = (column) => [...Board.list(column).querySelectorAll(":scope > [data-card]")];
  Board.card = (id) => page.querySelector(`[data-card="${CSS.escape(id)}"]`);

  // { stage, after, before } for the server, { column, place, count } for people.
  Board.where = (card) => {
    const column = Board.columnOf(card);
    const cards = Board.cards(column);
    const index = cards.indexOf(card);
    return {
      stage: column.dataset.column,
      after: cards[index - 1]?.dataset.card ?? "",
      before: cards[index + 1]?.dataset.card ?? "",
      column: column.dataset.name,
      place: index + 1,
      count: Math.max(Number(column.dataset.count), cards.length),
    };
  };

  Board.count = (column, change) => {
    column.dataset.count = Math.max(0, Number(column.dataset.count) + change);
    showCount(column);
  };
  function showCount(column) {
    const tab = page.querySelector(`[data-tab="${CSS.escape(column.dataset.column)}"]`);
    for (const place of [column, tab]) {
      const counter = place?.querySelector("[data-counted]");
      if (counter) counter.textContent = column.dataset.count;
    }
  }
  Board.showCounts = () => Board.columns().forEach(showCount);

  // Put a card above another one, or at the end of the column. The focus stays with it.
  Board.put = (card, column, above = null) => {
    const from = Board.columnOf(card);
    const focused = card.contains(document.activeElement) ? document.activeElement : null;
    Board.list(column).insertBefore(card, above);
    if (from !== column) {
      if (from) Board.count(from, -1);
      Board.count(column, 1);
    }
    focused?.focus({ preventScroll: true });
  };

  // Where a card was, to put it back there.
  Board.origin = (card) => ({ home: Board.columnOf(card), next: card.nextElementSibling, ...Board.where(card) });
  Board.putBack = (card, origin) => {
    const column = origin.home.isConnected ? origin.home : Board.column(origin.stage);
    const next = origin.next?.parentElement === Board.list(column) ? origin.next : null;
    Board.put(card, column, next);
  };

  // One card at a time is in the order of Tab, with what is in it; arrows lead to the others.
  Board.current = null;
  Board.rove = (card) => {
    for (const each of page.querySelectorAll("[data-card]")) {
      const index = each === card ? 0 : -1;
      each.tabIndex = index;
      if ("canMove" in page.dataset) each.setAttribute("aria-describedby", "board-keys");
      for (const inner of each.querySelectorAll("a")) inner.tabIndex = index;
    }
    Board.current = card?.dataset.card ?? null;
  };
  Board.roveAgain = () =>
    Board.rove((Board.current && Board.card(Board.current)) || page.querySelector("[data-card]"));
}
