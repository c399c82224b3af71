// Basket and checkout work without this file; it saves clicks and reloads.

// A quantity typed in the basket is applied when the field is left.
for (const form of document.querySelectorAll("[data-autosubmit]")) {
  const field = form.elements.namedItem("quantity");
  field.addEventListener("change", () => {
    if (/^\d{1,3}$/.test(field.value.trim())) form.requestSubmit();
  });
}

// The total follows the chosen delivery; each choice carries the amounts the server wrote.
const delivery = document.querySelector("[data-delivery]");
const total = document.querySelector("[data-total]:not(input)");
for (const choice of document.querySelectorAll("input[name=delivery_method]")) {
  choice.addEventListener("change", () => {
    delivery.textContent = choice.dataset.price;
    total.textContent = choice.dataset.total;
    clearHiddenChoices(choice.dataset.needs.split(" "));
  });
}

// What CSS hides for another delivery must not stay chosen.
function clearHiddenChoices(needs) {
  if (!needs.includes("collection")) {
    for (const input of document.querySelectorAll(".only-in-store input")) input.checked = false;
  }
  if (!needs.includes("point")) {
    for (const select of document.querySelectorAll(".only-pickup select")) select.value = "";
  }
}

// A second click while the first is being sent does nothing; « Back » enables the button again.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});
