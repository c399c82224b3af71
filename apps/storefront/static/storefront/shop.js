/* Progressive enhancement of every page; each works without it. */
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
document.documentElement.classList.add("js");

async function post(form, data, url = form.action) {
  const body = data instanceof FormData ? new URLSearchParams(data) : new URLSearchParams(Object.entries(data));
  const token = $('input[name="csrfmiddlewaretoken"]', form);
  if (token) body.set(token.name, token.value);
  const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  return { ok: answer.ok, ...(await answer.json()) };
}

/* The basket's count: pages are cached for everyone, so it is fetched separately. */
const basket = $("[data-basket]");
function showCount(count) {
  const badge = $("[data-count]", basket);
  badge.textContent = count;
  badge.hidden = !count;
}
async function fetchVisitor() {
  if (!basket?.dataset.basket) return;
  try {
    const answer = await fetch(basket.dataset.basket, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const visitor = await answer.json();
    showCount(visitor.count);
    if (visitor.name) $("[data-account] .label").textContent = visitor.name;
    if (visitor.unpaid && !$(`main a[href="${visitor.unpaid.url}"]`) && !location.pathname.startsWith(visitor.unpaid.url)) {
      const reminder = document.createElement("p");
      reminder.className = "wrap notice notice--warning";
      reminder.append(`${visitor.unpaid.text} `, link(visitor.unpaid.label, visitor.unpaid.url));
      $("main").prepend(reminder);
    }
  } catch { /* The count stays empty: the basket's page has it. */ }
}
fetchVisitor();
for (const here of $$(".account-menu [aria-current], .strip [aria-current]")) {
  const strip = here.closest("ul");
  strip.scrollLeft = here.offsetLeft - strip.offsetLeft - (strip.clientWidth - here.clientWidth) / 2;
}
addEventListener("pageshow", (event) => event.persisted && fetchVisitor());

/* Toast: a sentence at the bottom of the page, a live region, with links or buttons. */
const toast = $("[data-toast]");
let toastTimer;
function say(text, ...actions) {
  const box = document.createElement("div");
  const sentence = document.createElement("p");
  sentence.textContent = text;
  box.append(sentence, ...actions);
  toast.replaceChildren(box);
  clearTimeout(toastTimer);
  const leave = () => (toastTimer = setTimeout(() => (toast.matches(":hover, :focus-within") ? leave() : toast.replaceChildren()), 8000));
  leave();
}
function link(text, href) {
  const a = document.createElement("a");
  a.href = href;
  a.textContent = text;
  return a;
}
function button(text, act) {
  const b = document.createElement("button");
  b.type = "button";
  b.className = "link";
  b.textContent = text;
  b.addEventListener("click", act);
  return b;
}

/* Adding to the basket stays on the page; « Annuler » puts the line back as it was. */
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-add]");
  if (!form || !basket) return;
  event.preventDefault();
  const pressed = event.submitter;
  if (pressed?.getAttribute("aria-busy")) return;
  pressed?.setAttribute("aria-busy", "true");
  const data = new FormData(form, pressed);
  try {
    const added = await post(form, data);
    if (!added.ok) {
      say(added.detail);
      return;
    }
    showCount(added.count);
    const undo = button(toast.dataset.undo, async () => {
      const back = Math.max(0, added.quantity - Number(data.get("quantity")));
      const undone = await post(form, { line: added.line, quantity: back }, toast.dataset.update);
      if (undone.ok) {
        showCount(undone.count);
        say(toast.dataset.undone);
      }
    });
    const actions = [link(toast.dataset.view, basket.href), undo];
    say(added.notice || `${added.name} ${toast.dataset.added}`, ...actions);
  } catch {
    say(toast.dataset.failed);
  } finally {
    pressed?.removeAttribute("aria-busy");
  }
});

/* − and + around a quantity. */
function step(box) {
  const input = $("input", box);
  const turn = (by, label, sign) => {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = sign;
    b.setAttribute("aria-label", label);
    b.addEventListener("click", () => {
      if (by > 0) input.stepUp();
      else input.stepDown();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    return b;
  };
  box.prepend(turn(-1, box.dataset.less, "−"));
  box.append(turn(1, box.dataset.more, "+"));
}
const enhance = (root) => $$("[data-stepper]", root).forEach(step);
enhance(document);

/* Search suggestions: a combobox with a list (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). */
const search = $("form[data-suggestions]");
if (search?.dataset.suggestions) {
  const input = $("input", search);
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", $("label", search).textContent);
  search.append(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) input.setAttribute(name, value);
  let timer, asking, at = -1;
  const answers = new Map();
  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (index) => {
    const options = $$("li", list);
    at = (index + options.length + 1) % (options.length + 1);
    if (at === options.length) at = -1;
    options.forEach((option, place) => option.setAttribute("aria-selected", place === at));
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", options[at].id);
      options[at].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const show = ({ rayons, products }) => {
    list.replaceChildren(
      ...[...rayons, ...products].map(({ name, url, price, picture }, place) => {
        const option = document.createElement("li");
        option.id = `suggestion-${place}`;
        option.dataset.url = url;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        if (price !== undefined) {
          // A name stands beside it; without a picture its place stays, so that names begin under one another.
          const image = document.createElement(picture ? "img" : "i");
          if (picture) Object.assign(image, { src: picture, alt: "", width: 40, height: 40, loading: "lazy" });
          option.append(image);
        }
        const label = document.createElement("b");
        label.append(name);
        option.append(label);
        const aside = document.createElement("span");
        aside.textContent = price ?? list.dataset.rayon ?? "›";
        option.append(aside);
        return option;
      }),
    );
    at = -1;
    list.hidden = !list.children.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  const ask = async () => {
    const text = input.value.trim();
    if (text.length < 2) return close();
    if (answers.has(text)) return show(answers.get(text));
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(`${search.dataset.suggestions}?${new URLSearchParams({ q: text })}`, { signal: asking.signal });
      if (!answer.ok) return close();
      answers.set(text, await answer.json());
      if (input.value.trim() === text && document.activeElement === input) show(answers.get(text));
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else choose(event.key === "ArrowDown" ? at + 1 : at < 0 ? list.children.length - 1 : at - 1);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      location.assign(list.children[at].dataset.url);
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("li");
    if (option) location.assign(option.dataset.url);
  });
  input.addEventListener("blur", close);
}

/* The rayons menu closes by Escape and by a click outside. */
const menu = $(".menu");
document.addEventListener("click", (event) => menu?.open && !menu.contains(event.target) && (menu.open = false));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (menu?.open) {
    menu.open = false;
    $("summary", menu).focus();
  } else if (location.hash === "#filtres") location.hash = "produits";
});

/* Filters apply as they are ticked: list and counts take their places, the focus stays where it was. On a phone they
   fill the screen, and the button at the bottom, which closes them, says how many products wait behind. */
const filters = $("form[data-filters]");
if (filters) {
  const place = () => location.pathname + location.search;
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  filters.before(status);
  let current = place();
  let asking;
  const label = () => ($(".filters__apply button", filters).textContent = $("[data-show]").dataset.show);
  const show = async (url, history) => {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(url, { signal: asking.signal });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const { name, value, id } = document.activeElement;
      const box = $$("input", filters).indexOf(document.activeElement);
      const scrolled = $$("ul", filters).map((list) => list.scrollTop);
      for (const part of ["[data-facets]", "#produits"]) $(part).replaceWith($(part, page));
      $$("ul", filters).forEach((list, at) => (list.scrollTop = scrolled[at] ?? 0));
      $$("a[hreflang]").forEach((a, at) => (a.href = $$("a[hreflang]", page)[at].href));
      const same = id ? document.getElementById(id) : $$("input", filters).find((input) => input.name === name && input.value === value);
      // A value without products is gone from the list: its neighbour takes the focus.
      (same ?? $$("input", filters).slice(0, box + 1).at(-1))?.focus({ preventScroll: true });
      status.textContent = $("[data-show]").textContent;
      label();
      if (history) window.history.pushState(null, "", url + location.hash);
      current = place();
    } catch (error) {
      if (error.name !== "AbortError") location.assign(url);
    }
  };
  const wanted = () => {
    const chosen = new URLSearchParams([...new FormData(filters)].filter(([name, value]) => name !== "tri" || value !== "pertinence"));
    return `${filters.getAttribute("action")}${chosen.size ? `?${chosen}` : ""}`;
  };
  label();
  document.addEventListener("change", (event) => event.target.form === filters && show(wanted(), true));
  addEventListener("popstate", () => place() !== current && show(place(), false));
  filters.addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = "produits";
  });
}

/* Gallery: a thumbnail shows its picture without moving the page or the history. */
document.addEventListener("click", (event) => {
  const thumb = event.target.closest(".gallery__thumbs a");
  if (!thumb) return;
  event.preventDefault();
  const wanted = thumb.hash.slice(1);
  $$(".gallery__picture").forEach((picture) => (picture.hidden = picture.id !== wanted));
  $(".gallery").classList.add("gallery--live");
  $$(".gallery__thumbs a").forEach((a) => a.toggleAttribute("aria-current", a === thumb));
});

/* Lightbox: Escape closes it, arrows and buttons change the picture, a click zooms. Without JavaScript the link leads to
   a page with the picture. */
function lightbox(opened) {
  const pictures = $$(".gallery__picture[href]");
  const words = $("[data-gallery]").dataset;
  const dialog = document.createElement("dialog");
  dialog.className = "lightbox";
  dialog.setAttribute("aria-label", words.zoom);
  const frame = document.createElement("div");
  const image = new Image();
  const count = document.createElement("p");
  count.setAttribute("role", "status");
  let at = pictures.indexOf(opened);
  const turn = (by) => {
    at = (at + by + pictures.length) % pictures.length;
    image.src = pictures[at].dataset.large;
    image.alt = $("img", pictures[at]).alt;
    frame.classList.remove("near");
    count.textContent = pictures.length > 1 ? `${at + 1} / ${pictures.length}` : "";
  };
  const control = (text, sign, act) => {
    const b = button(sign, act);
    b.className = "button button--quiet";
    b.setAttribute("aria-label", text);
    return b;
  };
  const bar = document.createElement("div");
  bar.className = "cluster";
  if (pictures.length > 1) bar.append(control(words.previous, "←", () => turn(-1)), count, control(words.next, "→", () => turn(1)));
  bar.append(control(words.near, "+", () => frame.classList.toggle("near")), control(words.close, "×", () => dialog.close()));
  image.addEventListener("click", () => frame.classList.toggle("near"));
  frame.addEventListener("click", (event) => event.target === frame && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && pictures.length > 1 && !frame.matches(".near")) turn(by);
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    opened.focus();
  });
  frame.append(image);
  dialog.append(bar, frame);
  document.body.append(dialog);
  turn(0);
  dialog.showModal();
}
document.addEventListener("click", (event) => {
  const picture = event.target.closest("a.gallery__picture");
  if (!picture || event.ctrlKey || event.metaKey || event.shiftKey || !window.HTMLDialogElement) return;
  event.preventDefault();
  lightbox(picture);
});

/* Options: the chosen variant's page is fetched, and all that depends on the variant takes its place in this one. */
const OF_VARIANT = "[data-variant], a[hreflang]";
async function turnTo(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [former, chosen] = [$$(OF_VARIANT), $$(OF_VARIANT, page)];
  if (former.length !== chosen.length) throw new Error("another page");
  former.forEach((part, place) => part.replaceWith(chosen[place]));
  chosen.forEach(enhance);
}
document.addEventListener("click", async (event) => {
  const option = event.target.closest("a[data-option]");
  if (!option || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { href } = option;
  try {
    await turnTo(href);
    history.replaceState(null, "", href);
    $(`a[data-option][aria-current][href="${new URL(href).pathname}${new URL(href).search}"]`)?.focus();
  } catch {
    location.assign(href);
  }
});

$("[data-focus]")?.focus();
