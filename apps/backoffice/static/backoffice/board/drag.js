// Dragging by mouse at once, by finger after a long press: a finger that moves before that scrolls.
{
  const { page } = Board;
  const board = page.querySelector("[data-columns]");
  const LONG_PRESS = 280;
  const SLACK = 6;
  const EDGE = 48;
  let press = null;
  let drag = null;

  if ("canMove" in page.dataset) {
    board.addEventListener("pointerdown", down);
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", abandon);
    addEventListener("keydown", (event) => {
      if (drag && event.key === "Escape") abandon();
    });
    // Not passive: only this keeps the page from scrolling once a card is in hand.
    board.addEventListener("touchmove", (event) => drag && event.preventDefault(), { passive: false });
    board.addEventListener("contextmenu", (event) => (drag || press?.isTouch) && event.preventDefault());
    // What a drag ends on is not clicked.
    board.addEventListener("click", (event) => {
      if (Date.now() - ended < 50) {
        event.preventDefault();
        event.stopPropagation();
      }
    }, true);
  }
  let ended = 0;

  function down(event) {
    const card = event.target.closest("[data-card]");
    if (!card || event.button !== 0 || !event.isPrimary || event.target.closest("[data-menu]") || Board.held) return;
    press = { card, x: event.clientX, y: event.clientY, id: event.pointerId, isTouch: event.pointerType !== "mouse" };
    if (press.isTouch) press.timer = setTimeout(() => press && take(press.x, press.y), LONG_PRESS);
  }

  function move(event) {
    if (drag) {
      if (event.pointerId === drag.id) follow(event.clientX, event.clientY);
      return;
    }
    if (!press || event.pointerId !== press.id) return;
    const moved = Math.hypot(event.clientX - press.x, event.clientY - press.y) > SLACK;
    if (moved && press.isTouch) endPress();
    else if (moved) take(event.clientX, event.clientY);
  }

  function endPress() {
    clearTimeout(press?.timer);
    press = null;
  }

  function take(x, y) {
    const { card, id } = press;
    const box = card.getBoundingClientRect();
    const ghost = card.cloneNode(true);
    ghost.removeAttribute("id");
    ghost.setAttribute("aria-hidden", "true");
    ghost.classList.add("is-ghost");
    ghost.style.setProperty("width", `${box.width}px`);
    drag = { card, id, ghost, origin: Board.origin(card), dx: press.x - box.left, dy: press.y - box.top, x, y };
    endPress();
    Board.held = card;
    card.classList.add("is-gap");
    page.classList.add("is-dragging");
    page.append(ghost);
    navigator.vibrate?.(12);
    follow(x, y);
    requestAnimationFrame(scrollAtEdges);
  }

  function follow(x, y) {
    Object.assign(drag, { x, y });
    drag.ghost.style.setProperty("transform", `translate(${x - drag.dx}px, ${y - drag.dy}px) rotate(1.5deg)`);
    const column = columnAt(x);
    if (!column) return;
    const others = Board.cards(column).filter((card) => card !== drag.card);
    const above = others.find((card) => {
      const box = card.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    if (Board.columnOf(drag.card) !== column || drag.card.nextElementSibling !== (above ?? null)) {
      Board.put(drag.card, column, above ?? null);
    }
  }

  function columnAt(x) {
    return Board.columns().find((column) => {
      const box = column.getBoundingClientRect();
      return x >= box.left - 6 && x <= box.right + 6;
    });
  }

  function scrollAtEdges() {
    if (!drag) return;
    const frame = board.getBoundingClientRect();
    const left = Math.max(frame.left, 0);
    const right = Math.min(frame.right, innerWidth);
    const across = drag.x < left + EDGE ? -1 : drag.x > right - EDGE ? 1 : 0;
    if (across) board.scrollBy({ left: across * 9, behavior: "instant" });
    const list = Board.list(Board.columnOf(drag.card));
    const inList = list.scrollHeight > list.clientHeight + 1;
    const box = inList ? list.getBoundingClientRect() : { top: 0, bottom: innerHeight };
    const down = drag.y < box.top + EDGE ? -1 : drag.y > box.bottom - EDGE ? 1 : 0;
    if (down) (inList ? list : window).scrollBy({ top: down * 9, behavior: "instant" });
    if (across || down) follow(drag.x, drag.y);
    requestAnimationFrame(scrollAtEdges);
  }

  function letGo() {
    const { card, ghost, origin } = drag;
    drag = null;
    ended = Date.now();
    ghost.remove();
    card.classList.remove("is-gap");
    page.classList.remove("is-dragging");
    return { card, origin };
  }

  function up(event) {
    endPress();
    if (!drag || event.pointerId !== drag.id) return;
    const { card, origin } = letGo();
    Board.rove(card);
    card.focus({ preventScroll: true });
    Board.say(Board.text("dropped", { name: card.dataset.name, ...Board.where(card) }));
    Board.release();
    Board.move(card, origin);
  }

  function abandon() {
    endPress();
    if (!drag) return;
    const { card, origin } = letGo();
    Board.putBack(card, origin);
    Board.say(Board.text("cancelled", { name: card.dataset.name, column: origin.column }));
    Board.release();
  }

  Board.roveAgain();
  Board.resume();
}
