// What others change appears within seconds: the columns are asked for again, and answered with 304 while nothing changed.
{
  const { page } = Board;
  const EVERY = 4000;
  let etag = page.dataset.etag;
  let asking = false;
  let wanted = null;
  let timer;
  // Between press and release nothing is exchanged: the click would find its card gone, a drag would carry a removed one.
  let isPressed = false;
  const CLICK_FOLLOWS_WITHIN = 100;
  const mustWait = () => isPressed || Board.held;
  // How each card was rendered by the server, to leave alone those that did not change.
  const rendered = new WeakMap();

  // `show`: bring this card into view. `force`: also when no card changed, as after « Afficher plus ».
  // The promise ends with the answer, also when another one or a hand on the page had to be waited for.
  Board.refresh = ({ show = null, force = false } = {}) =>
    new Promise((done) => {
      want({ show, force, waiting: [done] });
      catchUp();
    });

  function want({ show, force, waiting }) {
    wanted = {
      show: show ?? wanted?.show,
      force: force || wanted?.force,
      waiting: [...(wanted?.waiting ?? []), ...waiting],
    };
  }

  function catchUp() {
    if (wanted && !asking && !mustWait()) ask();
  }

  async function ask() {
    const asked = wanted;
    wanted = null;
    asking = true;
    clearTimeout(timer);
    const generation = Board.generation;
    const url = new URL(location.href);
    url.hash = "";
    url.searchParams.set("part", "columns");
    let isOutdated = false;
    try {
      const headers = asked.force || asked.show ? {} : { "If-None-Match": etag };
      const answer = await fetch(url, { headers, cache: "no-store", redirect: "manual" });
      if (answer.status === 200) {
        const html = await answer.text();
        // A card is in somebody's hand, or moved meanwhile: what this answer knows is older than the page.
        isOutdated = generation !== Board.generation || Boolean(mustWait());
        if (!isOutdated) {
          reconcile(html);
          etag = answer.headers.get("ETag");
          if (asked.show) reveal(asked.show);
        }
      }
    } catch {
      // Without network the page stays as it is; the next turn asks again.
    }
    asking = false;
    if (isOutdated) want(asked);
    else for (const done of asked.waiting) done();
    if (!wanted) timer = setTimeout(turn, EVERY);
    catchUp();
  }

  function turn() {
    if (document.visibilityState === "visible") Board.refresh();
  }
  document.addEventListener("visibilitychange", turn);
  addEventListener("online", turn);
  Board.release = () => {
    Board.held = null;
    catchUp();
  };

  let releasing = null;
  function press() {
    clearTimeout(releasing);
    releasing = null;
    isPressed = true;
  }
  function unpress() {
    releasing ??= setTimeout(() => {
      releasing = null;
      isPressed = false;
      catchUp();
    }, CLICK_FOLLOWS_WITHIN);
  }
  page.addEventListener("pointerdown", press);
  addEventListener("pointerup", unpress);
  addEventListener("pointercancel", unpress);
  // Released where this page did not hear of it.
  addEventListener("pointermove", (event) => isPressed && !event.buttons && unpress());

  function reconcile(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const focus = focused();
    const columns = [...fresh.content.querySelectorAll("[data-column]")];
    const codes = (list) => list.map((column) => column.dataset.column).join();
    if (codes(columns) !== codes(Board.columns())) page.querySelector("[data-columns]").replaceChildren(...columns);
    else {
      const present = new Map([...page.querySelectorAll("[data-card]")].map((card) => [card.dataset.card, card]));
      const there = new Set(columns.flatMap((column) => Board.cards(column).map((card) => card.dataset.card)));
      for (const column of columns) {
        const old = Board.column(column.dataset.column);
        const cards = Board.cards(column);
        takeFrame(old, column);
        takeCards(Board.list(old), cards, present, there);
      }
    }
    Board.showMoves();
    Board.showCounts();
    Board.roveAgain();
    focusAgain(focus);
  }

  // Head, count and « Afficher plus » as the server renders them; the cards stay.
  function takeFrame(old, column) {
    for (const { name } of [...old.attributes]) if (!column.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of column.attributes) old.setAttribute(name, value);
    old.querySelector("header").replaceWith(column.querySelector("header"));
    const more = column.querySelector(".board-column__more");
    const before = old.querySelector(".board-column__more");
    if (before && more && before.href === more.href) return;
    before?.remove();
    if (more) old.append(more);
  }

  function takeCards(list, cards, present, there) {
    let place = list.firstElementChild;
    for (const card of cards) {
      while (place && Board.isMoving(place.dataset.card)) place = place.nextElementSibling;
      const id = card.dataset.card;
      const old = present.get(id);
      if (old && Board.isMoving(id)) continue;
      const html = card.outerHTML;
      const same = old && rendered.get(old) === html;
      const node = same ? old : card;
      rendered.set(node, html);
      if (!same && old) {
        if (place === old) place = old.nextElementSibling;
        old.remove();
        // One's own move has told its version already, and does not light up.
        if (old.dataset.version !== card.dataset.version) node.classList.add("is-changed");
      }
      if (node === place) place = place.nextElementSibling;
      else list.insertBefore(node, place);
    }
    for (const card of [...list.children]) {
      const isElsewhere = !cards.some((each) => each.dataset.card === card.dataset.card);
      if (isElsewhere && !Board.isMoving(card.dataset.card) && !there.has(card.dataset.card)) card.remove();
    }
  }

  function focused() {
    const at = document.activeElement?.closest?.("[data-card], [data-column]");
    if (!at || !page.contains(at)) return null;
    const inner = document.activeElement;
    const part = ["board-card__name", "board-card__move", "board-column__more"].find((name) => inner.classList.contains(name));
    return { card: at.dataset.card, column: at.dataset.column, part };
  }
  function focusAgain(focus) {
    if (!focus || (document.activeElement && document.activeElement !== document.body)) return;
    const at = focus.card ? Board.card(focus.card) : Board.column(focus.column);
    (focus.part ? at?.querySelector(`.${focus.part}`) : at)?.focus({ preventScroll: true });
  }
  function reveal(id) {
    const card = Board.card(id);
    card?.classList.add("is-changed");
    card?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  page.addEventListener("click", async (event) => {
    const more = event.target.closest("[data-more]");
    if (!more || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const column = Board.columnOf(more);
    const visible = Board.cards(column).length;
    history.replaceState(null, "", more.href.replace(/#.*/, ""));
    await Board.refresh({ force: true });
    const next = Board.cards(Board.column(column.dataset.column))[visible];
    if (next) {
      Board.rove(next);
      next.focus();
    }
  });

  // On a telephone the tab of the column in view is marked.
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) mark(target.dataset.column);
    },
    { root: page.querySelector("[data-columns]"), threshold: 0.6 },
  );
  function mark(code) {
    for (const tab of page.querySelectorAll("[data-tab]")) {
      const isHere = tab.dataset.tab === code;
      if (isHere) {
        tab.setAttribute("aria-current", "true");
        tab.parentElement.scrollTo({ left: tab.offsetLeft - 80 });
      } else tab.removeAttribute("aria-current");
    }
  }
  if (matchMedia("(max-width: 767px)").matches) Board.columns().forEach((column) => seen.observe(column));

  for (const card of page.querySelectorAll("[data-card]")) rendered.set(card, card.outerHTML);
  timer = setTimeout(turn, EVERY);
}
