// Sends a chosen picture straight to the bucket, and gives the form its token in its place. Whatever goes wrong, the
// file stays in its input and leaves with the form, as it does without this script.
(() => {
  const sending = new Map();

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[type=file][data-direct-upload]")) send(event.target);
  });

  // A form that leaves meanwhile takes the files along that have not arrived.
  document.addEventListener("submit", () => sending.forEach((request) => request.abort()), true);

  async function send(input) {
    const place = input.closest("[data-upload]");
    const token = place.querySelector("[data-upload-token]");
    const bar = place.querySelector("[data-upload-progress]");
    const status = place.querySelector("[data-upload-status]");
    const file = input.files[0];
    sending.get(input)?.abort();
    token.value = "";
    bar.hidden = true;
    status.textContent = "";
    if (!file) return;
    const say = (text) => {
      if (input.files[0] === file || token.value) status.textContent = text.replace("{name}", file.name);
    };
    try {
      const ticket = await ticketFor(input.dataset.directUpload, file);
      if (input.files[0] !== file) return;
      if (ticket.message) {
        say(ticket.message);
        return;
      }
      bar.value = 0;
      bar.hidden = false;
      say(status.dataset.sending);
      await upload(ticket, file, input, (share) => { bar.value = share; });
      if (input.files[0] !== file) return;
      token.value = ticket.token;
      input.value = "";
      say(status.dataset.sent);
    } catch {
      say(status.dataset.later);
    } finally {
      if (!sending.has(input)) bar.hidden = true;
    }
  }

  async function ticketFor(url, file) {
    const asked = new FormData();
    asked.append("type", file.type);
    asked.append("size", file.size);
    const csrf = document.querySelector("input[name=csrfmiddlewaretoken]");
    const answer = await fetch(url, {
      method: "POST",
      body: asked,
      headers: csrf ? { "X-CSRFToken": csrf.value } : {},
    });
    if (answer.ok || answer.status === 422) return answer.json();
    throw new Error(answer.statusText);
  }

  // XMLHttpRequest, because fetch reports no progress of an upload.
  function upload(ticket, file, input, progressed) {
    const form = new FormData();
    for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
    form.append("file", file);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      sending.set(input, request);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) progressed(Math.round((100 * event.loaded) / event.total));
      });
      request.addEventListener("loadend", () => {
        if (sending.get(input) === request) sending.delete(input);
        if (request.status >= 200 && request.status < 300) resolve();
        else reject(new Error(request.statusText));
      });
      request.open("POST", ticket.url);
      request.send(form);
    });
  }
})();
