// Every move that somebody made and the server has not answered yet. They go out one after the other, are kept when the
// network or the session is gone (also over a reload), and end in an answer that is shown: done, or refused and why.
{
  const { page } = Board;
  // Each page keeps its own, so that two tabs do not write over each other; the next page takes over what it finds.
  const prefix = `board-moves-${page.dataset.me}-`;
  const storageKey = `${prefix}${Date.now()}-${Math.random()}`;
  const moves = new Map();
  let sending = null;
  let retry = null;
  let delay = 0;
  let isBack = false;
  // Grows with every move and answer: columns that were asked for before are out of date.
  Board.generation = 0;

  Board.isMoving = (id) => moves.has(id);
  Board.moving = () => [...moves.values()];

  // A card was put somewhere else on the page; `origin` is where it came from.
  Board.move = async (card, origin) => {
    const there = Board.where(card);
    if (there.stage === origin.stage && there.after === origin.after && there.before === origin.before) return;
    const id = card.dataset.card;
    const name = card.dataset.name;
    let reason = "";
    if (there.stage !== origin.stage && "asksReason" in Board.columnOf(card).dataset) {
      Board.held = card;
      reason = await askReason(name, there.column);
      Board.release();
      if (!reason) {
        Board.putBack(card, origin);
        Board.say(Board.text("not_moved", { name, column: origin.column }));
        return;
      }
    }
    const target = { stage: there.stage, column: there.column, after: there.after, before: there.before, reason };
    const earlier = moves.get(id);
    if (earlier === sending && earlier) earlier.next = target;
    else if (earlier) Object.assign(earlier, target);
    else moves.set(id, { id, name, version: card.dataset.version, from: origin.stage, ...target });
    changed();
    pump();
  };

  async function askReason(name, column) {
    const answer = await Board.ask("reason", Board.text("reason_title", { name, column }));
    return answer.value ? answer.reason : "";
  }

  function changed() {
    Board.generation += 1;
    const unsent = Board.moving().map(({ id, name, version, from, stage, column, after, before, reason, confirmed }) => ({
      id, name, version, from, stage, column, after, before, reason, confirmed,
    }));
    if (unsent.length) localStorage.setItem(storageKey, JSON.stringify(unsent));
    else localStorage.removeItem(storageKey);
    for (const card of page.querySelectorAll("[data-card]")) Board.mark(card);
  }

  // A card says that it waits, in words too.
  Board.mark = (card) => {
    const waits = delay > 0 && moves.has(card.dataset.card);
    card.classList.toggle("is-saving", moves.has(card.dataset.card));
    const label = card.querySelector(".board-card__waiting");
    if (waits && !label) {
      const text = document.createElement("p");
      text.className = "board-card__waiting";
      text.textContent = Board.text("waiting");
      card.append(text);
    } else if (!waits) label?.remove();
  };

  async function pump() {
    if (sending || retry) return;
    while (moves.size) {
      sending = moves.values().next().value;
      const isAnswered = await send(sending);
      sending = null;
      if (!isAnswered) return;
    }
    if (isBack) Board.notice("online", Board.text("sent_later"), { kind: "done" });
    isBack = false;
    Board.refresh();
  }

  // Whether the server answered; otherwise the move waits for its next turn.
  async function send(move) {
    const body = new URLSearchParams({
      version: move.version, stage: move.stage, after: move.after, before: move.before, reason: move.reason ?? "",
    });
    if (move.confirmed) body.set("confirmed", "on");
    body.set("csrfmiddlewaretoken", page.querySelector("[data-token] [name=csrfmiddlewaretoken]").value);
    let answer;
    let answered = {};
    try {
      answer = await fetch(page.dataset.moveUrl.replace("00000000-0000-0000-0000-000000000000", move.id), {
        method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual", signal: AbortSignal.timeout(15000),
      });
      if (answer.type !== "opaqueredirect" && answer.status < 500 && answer.status !== 429) answered = await answer.json();
    } catch {
      return answer?.status === 403 ? refuse(move, Board.text("forbidden", move)) : later();
    }
    if (answer.type === "opaqueredirect") return signedOut();
    if (answer.status >= 500 || answer.status === 429) return later();
    if (delay) {
      delay = 0;
      isBack = true;
      Board.dismiss("offline");
      Board.dismiss("session");
    }
    if (answer.ok) return done(move, answered);
    if (answered.code === "stage_full") return confirm(move, answered.detail);
    if (answered.code === "reason_required") return explain(move);
    return refuse(move, answered.detail);
  }

  function done(move, answered) {
    const card = Board.card(move.id);
    if (card) card.dataset.version = answered.version;
    if (move.next) Object.assign(move, move.next, { version: answered.version, from: move.stage, next: null, confirmed: false });
    else moves.delete(move.id);
    changed();
    return true;
  }

  function refuse(move, sentence) {
    moves.delete(move.id);
    changed();
    const link = Board.card(move.id)?.querySelector(".board-card__name")?.href;
    Board.notice(`refused-${move.id}`, sentence, link ? { link, label: Board.text("see_card") } : {});
    Board.refresh({ show: move.id });
    return true;
  }

  async function confirm(move, detail) {
    const { value } = await Board.ask("confirm", Board.text("confirm_title", move), { detail });
    if (value) move.confirmed = true;
    else giveUp(move);
    return true;
  }

  async function explain(move) {
    move.reason = await askReason(move.name, move.column);
    if (!move.reason) giveUp(move);
    return true;
  }

  function giveUp(move) {
    moves.delete(move.id);
    changed();
    const column = Board.column(move.from)?.dataset.name ?? "";
    Board.say(Board.text("not_moved", { name: move.name, column }));
    Board.refresh({ show: move.id });
  }

  function later() {
    delay = Math.min(delay ? delay * 2 : 2000, 30000);
    changed();
    Board.dismiss("online");
    Board.notice("offline", Board.text("waiting_count", { count: moves.size }), { kind: "waiting" });
    retry = setTimeout(again, delay);
    return false;
  }

  function signedOut() {
    const link = `${page.dataset.loginUrl}?next=${encodeURIComponent(location.pathname + location.search)}`;
    Board.notice("session", Board.text("signed_out"), { link, label: Board.text("sign_in") });
    delay = 30000;
    changed();
    retry = setTimeout(again, delay);
    return false;
  }

  function again() {
    clearTimeout(retry);
    retry = null;
    pump();
  }
  addEventListener("online", again);
  // Not visited for a while, perhaps with another session since.
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && retry && again());

  // Shows the moves that wait on columns that came fresh from the server.
  Board.showMoves = () => {
    for (const move of moves.values()) {
      const card = Board.card(move.id);
      const { stage, before } = move.next ?? move;
      const column = Board.column(stage);
      if (!card || !column) continue;
      const above = before && Board.card(before);
      if (Board.columnOf(card) !== column) Board.put(card, column, above?.parentElement === Board.list(column) ? above : null);
      Board.mark(card);
    }
  };

  // Moves that an earlier visit could not send.
  Board.resume = () => {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(prefix))) {
      for (const move of JSON.parse(localStorage.getItem(key))) moves.set(move.id, move);
      localStorage.removeItem(key);
    }
    if (moves.size) changed();
    Board.showMoves();
    pump();
  };
}
