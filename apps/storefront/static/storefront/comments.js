// Comments work without this file; it saves reloads and stores which ones are the visitor's own.
const root = document.querySelector("[data-comments]");
const list = root.querySelector(".comments__list");
const status = root.querySelector("[data-status]");
const writing = root.querySelector("[data-write]");
const KEY = "commentaires";

/* What this browser wrote: {name, own: {number: {url, token}}}. Nothing is stored before somebody writes. */
function remembered() {
  try {
    return { own: {}, ...JSON.parse(localStorage.getItem(KEY)) };
  } catch {
    return { own: {} };
  }
}
function remember(name, { id, own: url, token }) {
  const mine = remembered();
  mine.name = name;
  mine.own[id] = { url, token };
  try {
    localStorage.setItem(KEY, JSON.stringify(mine));
  } catch { /* Without storage, the URL shown after posting remains. */ }
}

function say(text, url) {
  status.replaceChildren(text);
  if (url) status.append(" ", changeLink(url));
  status.tabIndex = -1;
  status.focus();
}
function changeLink(url) {
  const link = document.createElement("a");
  link.href = url;
  link.textContent = status.dataset.change;
  return link;
}
function markOwn() {
  for (const [number, { url }] of Object.entries(remembered().own)) {
    const actions = root.querySelector(`[data-comment="${number}"] > .comment__do`);
    if (actions && !actions.querySelector("[data-own]")) {
      const link = changeLink(url);
      link.dataset.own = "";
      actions.append(link);
    }
  }
}
function fillName() {
  const { name } = remembered();
  for (const field of root.querySelectorAll("[name=author]")) field.value ||= name ?? "";
}

root.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("[type=submit]");
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const data = new URLSearchParams(new FormData(form));
  const [number, latest] = Object.entries(remembered().own).pop() ?? [];
  if (latest) data.set("earlier", `${number}:${latest.token}`);
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
    const result = await answer.json();
    if (answer.ok) {
      if (result.id) remember(data.get("author"), result);
      if (result.html) show(result.html, data.get("parent"));
      if (data.has("parent")) form.remove();
      else {
        form.reset();
        writing.open = false;
      }
      fillName();
      markOwn();
    }
    say(result.detail, result.own);
  } catch {
    say(status.dataset.failed);
  }
  button.removeAttribute("aria-busy");
});

function show(html, parent) {
  const template = document.createElement("template");
  template.innerHTML = html; // Written and escaped by our own server.
  root.querySelector("[data-none]")?.remove();
  if (!parent) return list.prepend(template.content);
  const answered = root.querySelector(`[data-comment="${parent}"]`);
  let replies = answered.querySelector(".comment__replies");
  if (!replies) {
    replies = document.createElement("ol");
    replies.className = "plain comment__replies";
    answered.append(replies);
  }
  replies.append(template.content);
}

/* Answering under the comment itself. */
root.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-reply]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  root.querySelector("form[data-answer]")?.remove();
  const form = writing.querySelector("form").cloneNode(true);
  form.dataset.answer = "";
  form.classList.add("panel");
  form.reset();
  for (const each of form.querySelectorAll("[id]")) each.id += "-reponse";
  for (const each of form.querySelectorAll("[for]")) each.htmlFor += "-reponse";
  for (const each of form.querySelectorAll("[aria-describedby]")) each.setAttribute("aria-describedby", "avis-aide-reponse");
  const parent = document.createElement("input");
  Object.assign(parent, { type: "hidden", name: "parent", value: link.dataset.reply });
  const cancel = document.createElement("button");
  Object.assign(cancel, { type: "button", className: "button button--quiet", textContent: status.dataset.cancel });
  cancel.addEventListener("click", () => {
    form.remove();
    link.focus();
  });
  form.append(parent);
  form.querySelector("[type=submit]").after(cancel);
  link.closest(".comment__do").after(form);
  fillName();
  (form.author.value ? form.text : form.author).focus();
});

/* Older ones join the list. */
root.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-older]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = [...page.querySelectorAll(".comments__list > li")].filter((li) => !document.getElementById(li.id));
    list.append(...fresh);
    const next = page.querySelector("a[rel=next]");
    if (next) {
      link.href = next.href;
      link.removeAttribute("aria-busy");
    } else link.parentElement.remove();
    markOwn();
    if (fresh[0]) {
      fresh[0].tabIndex = -1;
      fresh[0].focus();
    }
  } catch {
    location.assign(link.href);
  }
});

fillName();
markOwn();
