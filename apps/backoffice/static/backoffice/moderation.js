// The queue by keyboard, decided without reloading. Every button also works as a plain form.
const form = document.querySelector("[data-moderation]");
const notice = form.querySelector("[data-notice]");
const cards = () => [...form.querySelectorAll("[data-card]")];
const current = () => form.querySelector("[data-card][aria-current]");

function goTo(card) {
  current()?.removeAttribute("aria-current");
  if (!card) return;
  card.setAttribute("aria-current", "true");
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}
form.addEventListener("focusin", (event) => {
  const card = event.target.closest("[data-card]");
  if (!card || card === current()) return;
  current()?.removeAttribute("aria-current");
  card.setAttribute("aria-current", "true");
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const pressed = event.submitter;
  if (form.getAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const body = new URLSearchParams(new FormData(form, pressed));
  try {
    const answer = await fetch(location.href, { method: "POST", body, headers: { Accept: "application/json" } });
    const outcome = await answer.json();
    notice.textContent = outcome.detail;
    if (answer.ok) leave(outcome);
    else pressed.closest("details")?.querySelector("select")?.focus();
  } catch {
    form.removeAttribute("aria-busy");
    HTMLFormElement.prototype.submit.call(withVerb(pressed));
    return;
  }
  form.removeAttribute("aria-busy");
});
/* What was decided goes; the next one takes the focus. */
function leave({ comments, waiting }) {
  const gone = new Set(comments.map(String));
  const all = cards();
  const last = all.findLastIndex((card) => gone.has(card.dataset.card));
  const next = all.slice(last + 1).find((card) => !gone.has(card.dataset.card)) ?? all.filter((card) => !gone.has(card.dataset.card)).pop();
  for (const card of all) if (gone.has(card.dataset.card)) card.remove();
  for (const open of form.querySelectorAll(".moderation-bar details[open]")) open.open = false;
  form.querySelector("[data-total]").textContent = waiting;
  if (next) return goTo(next);
  if (waiting) return location.reload();
  form.querySelector("[data-empty]").hidden = false;
  notice.focus();
}
/* form.submit() forgets which button was pressed. */
function withVerb(pressed) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: pressed.name, value: pressed.value });
  form.append(field);
  return form;
}

form.querySelector("[data-all]").addEventListener("change", (event) => {
  for (const box of form.querySelectorAll("[name=comment]")) box.checked = event.target.checked;
});

const typing = (target) => target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key === "Escape") {
    const open = target.closest("details[open]");
    if (!open) return;
    open.open = false;
    goTo(open.closest("[data-card]"));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (key === "Enter" && target.matches(".moderation-reason select, .moderation-reason input")) {
    event.preventDefault();
    target.closest(".moderation-reason").querySelector("button").click();
    return;
  }
  if (typing(target)) return;
  const all = cards();
  const at = all.indexOf(current());
  const card = all[at];
  if (key === "j") goTo(all[Math.min(at + 1, all.length - 1)]);
  else if (key === "k") goTo(all[Math.max(at - 1, 0)]);
  else if (key === "?") {
    const help = form.querySelector("[data-help]");
    help.open = !help.open;
  } else if (key === "x" && card) {
    const box = card.querySelector("[name=comment]");
    box.checked = !box.checked;
  } else if (["a", "g", "r"].includes(key) && card) {
    const button = card.querySelector(`[data-key="${key}"]`);
    if (!button) return;
    if (key === "r") {
      const details = button.closest("details");
      details.open = true;
      details.querySelector("select").focus();
    } else button.click();
  } else return;
  event.preventDefault();
});
goTo(cards()[0]);
