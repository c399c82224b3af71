/* Comments of a shop on another site: <script src="https://boutique.example/commentaires.js" data-section="recette-12">
   Options: data-lang (fr, en). No cookie; the browser keeps your own comments' tokens. */
(() => {
  const me = document.currentScript;
  const section = me.dataset.section;
  const api = new URL("/api/", me.src);
  const language = (me.dataset.lang || document.documentElement.lang || navigator.language).startsWith("en") ? "en" : "fr";
  const T = {
    fr: {
      title: "Commentaires", none: "Personne n’a encore écrit ici.", older: "Commentaires plus anciens", write: "Écrire un commentaire",
      name: "Votre nom, tel qu’il sera publié", text: "Votre commentaire", send: "Publier",
      reply: "Répondre", report: "Signaler", edit: "Modifier", remove: "Supprimer", cancel: "Annuler", save: "Enregistrer", why: "Pourquoi ?",
      waits: "Merci ! Votre commentaire paraîtra dès que nous l’aurons lu.", done: "Merci ! Votre commentaire est publié.",
      gone: "Commentaire supprimé par son auteur.", removed: "Votre commentaire est supprimé.", reported: "Merci, nous allons le relire.",
      failed: "Pas de réponse. Réessayez.", changed: "modifié", team: "L’équipe",
      bought: "Achat vérifié", stars: "sur 5",
      reasons: { spam: "Publicité", offensive: "Injure ou haine", false: "Information trompeuse", private: "Vie privée", other: "Autre" },
    },
    en: {
      title: "Comments", none: "Nobody has written here yet.", older: "Older comments", write: "Write a comment",
      name: "Your name, as it will be shown", text: "Your comment", send: "Publish",
      reply: "Reply", report: "Report", edit: "Edit", remove: "Delete", cancel: "Cancel", save: "Save", why: "Why?",
      waits: "Thank you! Your comment will appear as soon as we have read it.", done: "Thank you! Your comment is published.",
      gone: "Comment deleted by its author.", removed: "Your comment is deleted.", reported: "Thank you, we will read it again.",
      failed: "No answer. Try again.", changed: "edited", team: "The team",
      bought: "Verified purchase", stars: "out of 5",
      reasons: { spam: "Advertising", offensive: "Insults or hatred", false: "Misleading", private: "Personal data", other: "Other" },
    },
  }[language];
  const EDITABLE = 15 * 60e3;

  /* What this browser wrote: number to token. */
  const KEY = "commentaires";
  const own = (() => {
    try {
      return JSON.parse(localStorage[KEY]);
    } catch {
      return {};
    }
  })();
  const keep = () => {
    try {
      localStorage[KEY] = JSON.stringify(own);
    } catch {}
  };

  const el = (tag, props = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) name in node ? (node[name] = value) : node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const button = (text, onclick) => el("button", { type: "button", onclick }, text);
  const ask = async (path, method = "GET", body, headers = {}) => {
    const answer = await fetch(new URL(path, api), {
      method, credentials: "omit", body: body && JSON.stringify(body),
      headers: { "Accept-Language": language, ...(body && { "Content-Type": "application/json" }), ...headers },
    });
    const data = answer.status === 204 ? {} : await answer.json();
    if (!answer.ok) throw data;
    return data;
  };

  /* ALTCHA's proof of work (altcha.org), begun when somebody begins to write. Without it the comment is read first. */
  let proof, begun;
  const prove = () => {
    if (!proof || Date.now() - begun > 5e5) {
      begun = Date.now();
      proof = solve().catch(() => "");
    }
    return proof;
  };
  async function solve() {
    const task = await ask("captcha/challenge");
    const text = new TextEncoder();
    const wanted = task.challenge.match(/../g).map((pair) => parseInt(pair, 16));
    for (let number = 0; number <= task.maxnumber; number++) {
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", text.encode(task.salt + number)));
      if (wanted.every((byte, place) => byte === hash[place])) return btoa(JSON.stringify({ ...task, number }));
    }
    return "";
  }

  const host = el("div", { lang: language });
  me.after(host);
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:host{display:block;font:inherit;line-height:1.5;overflow-wrap:anywhere}
*{box-sizing:border-box;font:inherit;color:inherit}h2,b,summary{font-weight:600}h2{font-size:1.4em}
ol{list-style:none;margin:0;padding:0}li{padding:.75em 0;border-top:1px solid #8884}ol ol{margin:.5em;padding-left:1em;border-left:2px solid #8884}
p{margin:.25em 0}.text{white-space:pre-line}.meta,.do{font-size:.875em}span{margin-left:.75em}
button,select,input,textarea{padding:.5em .8em;border:1px solid #767676;border-radius:.5em;background:none}
.do button{padding:.25em .75em .25em 0;border:0;text-decoration:underline}
.main{background:#256b4c;color:#fff}option{color:#000}
label{display:block;margin:.5em 0}input,textarea{display:block;width:100%}[hidden]{display:none}`);
  root.adoptedStyleSheets = [sheet];
  const list = el("ol");
  const older = button(T.older, () => load());
  const notice = el("p", { role: "status", tabIndex: -1 });
  const none = el("p", {}, T.none);
  none.hidden = older.hidden = true;

  const say = (text) => {
    notice.textContent = text;
    notice.focus();
  };
  const refused = (error) => say(error.detail || T.failed);

  /* Text with its links, which vouch for nothing. */
  function words(text) {
    const p = el("p", { className: "text", dir: "auto" });
    for (const part of text.split(/(https?:\/\/[^\s<>"]+)/)) {
      p.append(/^https?:/.test(part) ? el("a", { href: part, rel: "nofollow ugc" }, part) : part);
    }
    return p;
  }

  function render(comment, parent) {
    const li = el("li", { "data-id": comment.id });
    if (comment.withdrawn) li.append(el("p", {}, T.gone));
    else {
      const at = new Date(comment.timestamp);
      const meta = el("p", { className: "meta" }, el("b", { dir: "auto" }, comment.author));
      const note = (text, props = {}) => text && meta.append(el("span", props, text));
      note(comment.byTeam && T.team);
      note(comment.boughtOn && T.bought);
      note("★".repeat(comment.rating), { role: "img", ariaLabel: `${comment.rating} ${T.stars}` });
      note(at.toLocaleDateString(language, { dateStyle: "long" }));
      note(comment.edited && T.changed);
      const actions = el("p", { className: "do" });
      const add = (text, act) => {
        const b = button(text, () => act(b));
        b.ariaLabel = `${text} : ${comment.author}`;
        actions.append(b);
      };
      if (!parent) add(T.reply, (b) => open(li, writeForm(comment.id), b));
      if (own[comment.id]) {
        if (Date.now() - at < EDITABLE) add(T.edit, (b) => open(li, editForm(comment, li, parent), b));
        add(T.remove, () => remove(comment, li));
      } else add(T.report, (b) => open(li, reportForm(comment), b));
      li.append(meta, words(comment.text), actions);
    }
    if (comment.replies?.length) li.append(el("ol", {}, ...comment.replies.map((reply) => render(reply, comment))));
    return li;
  }
  /* One small form at a time, under its comment. */
  function open(li, form, from) {
    root.querySelector("form.small")?.remove();
    form.className = "small";
    form.append(" ", button(T.cancel, () => (form.remove(), from.focus())));
    li.querySelector(".do").after(form);
    form.querySelector("input,textarea,select").focus();
  }
  const field = (tag, label, props) => el("label", {}, label, el(tag, props));
  const text = (value = "") => field("textarea", T.text, { name: "text", rows: 4, maxLength: 5000, required: true, dir: "auto", value });
  const main = (label) => el("button", { className: "main" }, label);
  const form = (act, ...children) => {
    const node = el("form", {}, ...children);
    node.onsubmit = async (event) => {
      event.preventDefault();
      const pressed = node.querySelector(".main");
      if (pressed.disabled) return;
      pressed.disabled = true;
      await act(Object.fromEntries(new FormData(node)), node).catch(refused);
      pressed.disabled = false;
    };
    return node;
  };
  function writeForm(parentId) {
    const node = form(
      async ({ author, text, website }, node) => {
        if (website) return say(T.waits);
        const body = { sectionId: section, author, text, captchaToken: await prove(), ...(parentId && { parentId }) };
        proof = null;
        const comment = await ask("commentaires", "POST", body);
        own[comment.id] = comment.editToken;
        keep();
        const isPublished = comment.status === "published";
        if (isPublished) {
          const li = render(comment, parentId);
          none.hidden = true;
          if (parentId) {
            const answered = node.closest("li");
            (answered.querySelector("ol") || answered.appendChild(el("ol"))).append(li);
          } else list.prepend(li);
        }
        if (parentId) node.remove();
        else {
          node.reset();
          writing.open = false;
        }
        say(isPublished ? T.done : T.waits);
      },
      field("input", T.name, { name: "author", maxLength: 80, required: true, autocomplete: "nickname", dir: "auto" }),
      text(),
      el("input", { name: "website", hidden: true, tabIndex: -1, autocomplete: "off", ariaLabel: "Website" }),
      el("p", {}, main(T.send)),
    );
    node.addEventListener("focusin", prove, { once: true });
    return node;
  }
  const withToken = ({ id }) => ({ "X-Edit-Token": own[id] });
  function editForm(comment, li, parent) {
    return form(async ({ text }) => {
      const { status } = await ask(`commentaires/${comment.id}`, "PATCH", { text }, withToken(comment));
      const isPublished = status === "published";
      li.replaceWith(isPublished ? render({ ...comment, text, edited: true }, parent) : "");
      say(isPublished ? T.done : T.waits);
    }, text(comment.text), main(T.save));
  }
  async function remove(comment, li) {
    try {
      await ask(`commentaires/${comment.id}`, "DELETE", undefined, withToken(comment));
      delete own[comment.id];
      keep();
      li.querySelector("li") ? li.replaceWith(render({ ...comment, withdrawn: true })) : li.remove();
      say(T.removed);
    } catch (error) {
      refused(error);
    }
  }
  function reportForm(comment) {
    const options = Object.entries(T.reasons).map(([value, label]) => el("option", { value }, label));
    return form(async ({ reason }, node) => {
      await ask(`commentaires/${comment.id}/signalement`, "POST", { reason });
      node.remove();
      say(T.reported);
    }, el("label", {}, T.why, " ", el("select", { name: "reason" }, ...options)), main(T.report));
  }

  const writing = el("details", {}, el("summary", {}, T.write), writeForm());
  root.append(el("section", { ariaLabel: T.title }, el("h2", {}, T.title), list, none, older, writing, notice));

  let cursor;
  async function load() {
    older.disabled = true;
    try {
      const asked = new URLSearchParams({ sectionId: section, ...(cursor && { cursor }) });
      const page = await ask(`commentaires/fils?${asked}`);
      list.append(...page.results.map((comment) => render(comment)));
      cursor = page.nextCursor;
      older.hidden = !cursor;
      none.hidden = !!list.children.length;
    } catch {
      notice.textContent = T.failed;
    }
    older.disabled = false;
  }
  load();
})();
