// Proposes colleagues while « @… » is typed in a note. Without it the names below the field are typed by hand.
for (const field of document.querySelectorAll("textarea[data-mentions]")) {
  const names = [...document.querySelectorAll("[data-colleagues] [data-handle]")].map((each) => each.dataset);
  const list = document.createElement("div");
  list.className = "mention-list";
  list.setAttribute("role", "status");
  field.after(list);

  const started = () => /(?:^|\s)@([\w.+-]*)$/u.exec(field.value.slice(0, field.selectionStart));

  const take = (handle) => {
    const found = started();
    if (!found) return;
    const end = field.selectionStart;
    field.setRangeText(`${handle} `, end - found[1].length, end, "end");
    list.replaceChildren();
    field.focus();
  };

  field.addEventListener("input", () => {
    const found = started();
    const typed = found && found[1].toLowerCase();
    const fitting = found
      ? names.filter(({ handle, name }) => handle.startsWith(typed) || name.toLowerCase().startsWith(typed)).slice(0, 5)
      : [];
    list.replaceChildren(
      ...fitting.map(({ handle, name }) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = name ? `@${handle} (${name})` : `@${handle}`;
        button.addEventListener("click", () => take(handle));
        return button;
      }),
    );
  });
}
