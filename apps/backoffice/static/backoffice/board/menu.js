// « Déplacer vers… » on each card: another column, or another place in its own. Dragging is never the only way.
{
  const { page } = Board;

  async function choose(card) {
    const { name, card: id } = card.dataset;
    const here = Board.columnOf(card).dataset.column;
    const { value } = await Board.ask("menu", Board.text("menu_title", { name }), {
      prepare: (dialog) => {
        for (const button of dialog.querySelectorAll("[value^='stage:']")) button.disabled = button.value === `stage:${here}`;
      },
    });
    const still = Board.card(id);
    if (!value || !still) return;
    const origin = Board.origin(still);
    const [kind, to] = value.split(":");
    if (kind === "stage") {
      const column = Board.column(to);
      Board.put(still, column, Board.list(column).firstElementChild);
    } else place(still, to);
    const there = Board.where(still);
    Board.say(Board.text("dropped", { name, ...there }));
    still.scrollIntoView({ block: "nearest", inline: "nearest" });
    await Board.move(still, origin);
    (Board.card(id)?.querySelector("[data-menu]"))?.focus({ preventScroll: true });
  }

  function place(card, to) {
    const column = Board.columnOf(card);
    const list = Board.list(column);
    if (to === "top") Board.put(card, column, list.firstElementChild);
    if (to === "bottom") Board.put(card, column);
    if (to === "up" && card.previousElementSibling) Board.put(card, column, card.previousElementSibling);
    if (to === "down" && card.nextElementSibling) Board.put(card, column, card.nextElementSibling.nextElementSibling);
  }

  if ("canMove" in page.dataset) {
    page.addEventListener("click", (event) => {
      const link = event.target.closest("[data-menu]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      choose(link.closest("[data-card]"));
    });
  }
}
