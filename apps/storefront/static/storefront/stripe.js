// Stripe's form on the payment page. Where its script does not come or fails, the same button leads to Stripe's page.
const form = document.querySelector("form[data-stripe-key]");
const place = form?.querySelector("[data-stripe-place]");

function say(text) {
  const alert = form.querySelector("[role=alert]");
  alert.textContent = text;
  alert.hidden = !text;
}

// 3-D Secure in the page; what became of it is asked on the server.
async function authenticate(stripe) {
  try {
    await stripe.handleNextAction({ clientSecret: form.dataset.challenge });
  } finally {
    location.assign(form.dataset.back);
  }
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    theme: "flat",
    variables: {
      colorPrimary: read("--leaf"),
      colorBackground: read("--card"),
      colorText: read("--ink"),
      colorDanger: read("--tomato"),
      borderRadius: "10px",
    },
  };
}

function ask(stripe) {
  const elements = stripe.elements({
    mode: "payment",
    amount: Number(form.dataset.cents),
    currency: "eur",
    appearance: colours(),
  });
  const fields = elements.create("payment", { layout: "accordion" });
  let ready = false;
  fields.on("ready", () => {
    ready = true;
    form.querySelector("[data-stripe-away]").hidden = true;
  });
  fields.on("loaderror", () => {
    ready = false;
    place.hidden = true;
    form.querySelector("[data-stripe-away]").hidden = false;
  });
  fields.mount(place);
  form.addEventListener("submit", async (event) => {
    if (!ready) return;
    event.preventDefault();
    if (form.dataset.asking) return;
    form.dataset.asking = "yes";
    say("");
    const { error } = await elements.submit();
    const answer = error ? { error } : await stripe.createConfirmationToken({ elements });
    if (answer.error) {
      say(answer.error.message);
      release();
      return;
    }
    form.elements.instrument.value = answer.confirmationToken.id;
    // Without another event.
    form.submit();
  });
}

function release() {
  delete form.dataset.asking;
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
}

// « Back » shows the page as it was left.
addEventListener("pageshow", (event) => {
  if (form && event.persisted) {
    form.elements.instrument.value = "";
    release();
  }
});

if (form && window.Stripe) {
  const stripe = window.Stripe(form.dataset.stripeKey, { locale: document.documentElement.lang });
  if (form.dataset.challenge) authenticate(stripe);
  else ask(stripe);
}
