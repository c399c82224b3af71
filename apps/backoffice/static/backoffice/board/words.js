// The board in its scripts' own name, `Board`: what is said, shown and asked, in the language of the page.
window.Board = { page: document.querySelector("[data-board]") };
{
  const { page } = Board;
  const texts = JSON.parse(document.getElementById("board-texts").textContent);
  const live = page.querySelector("[data-live]");
  const notices = page.querySelector("[data-notices]");
  document.documentElement.classList.add("board-js");

  Board.text = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  // Emptied first, so that the same sentence twice is read twice.
  let speaking;
  Board.say = (sentence) => {
    live.textContent = "";
    clearTimeout(speaking);
    speaking = setTimeout(() => (live.textContent = sentence), 40);
  };

  // A notice stays until it is closed; one with the same key replaces it.
  Board.notice = (key, sentence, { link, label, kind = "error" } = {}) => {
    Board.dismiss(key);
    const box = document.createElement("div");
    box.className = `board-notice board-notice--${kind}`;
    box.dataset.notice = key;
    box.setAttribute("role", kind === "error" ? "alert" : "status");
    const text = document.createElement("p");
    text.textContent = sentence;
    box.append(text);
    if (link) {
      const a = document.createElement("a");
      a.href = link;
      a.textContent = label;
      box.append(a);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.className = "board-icon";
    close.setAttribute("aria-label", Board.text("dismiss"));
    const cross = document.createElement("span");
    cross.className = "material-symbols-outlined";
    cross.setAttribute("aria-hidden", "true");
    cross.textContent = "close";
    close.append(cross);
    close.addEventListener("click", () => box.remove());
    box.append(close);
    notices.append(box);
  };
  Board.dismiss = (key) => notices.querySelector(`[data-notice="${key}"]`)?.remove();

  // One dialog after the other. Resolves to the pressed button's value, empty when it was left.
  let last = Promise.resolve();
  Board.ask = (name, title, { detail = "", prepare } = {}) => {
    const question = async () => {
      const dialog = page.querySelector(`[data-dialog="${name}"]`);
      const before = document.activeElement;
      dialog.querySelector("h2").textContent = title;
      const more = dialog.querySelector("[data-detail]");
      if (more) more.textContent = detail;
      dialog.querySelector("form").reset();
      prepare?.(dialog);
      dialog.returnValue = "";
      dialog.showModal();
      await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
      if (before?.isConnected) before.focus({ preventScroll: true });
      return { value: dialog.returnValue, reason: dialog.querySelector("[name=reason]")?.value.trim() ?? "" };
    };
    last = last.then(question, question);
    return last;
  };
}
