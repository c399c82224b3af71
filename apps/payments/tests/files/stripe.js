// A stand-in of Stripe.js: its form is a list of test cards, which makes the tokens that Stripe's would.
const here = new URL(document.currentScript.src).origin;

window.Stripe = (key, options) => {
  if (!key.startsWith("pk_test_") || !options.locale) throw new Error("IntegrationError");
  let list;
  return {
    elements: ({ mode, amount, currency }) => {
      if (mode !== "payment" || !Number.isInteger(amount) || currency !== "eur") throw new Error("IntegrationError");
      return {
        create: () => {
          const heard = {};
          return {
            on: (name, act) => (heard[name] = act),
            mount: (place) => {
              const label = document.createElement("label");
              label.textContent = "Carte d’essai ";
              list = document.createElement("select");
              for (const [value, text] of [
                ["", "Aucune"],
                ["pm_card_visa", "Acceptée"],
                ["pm_card_chargeDeclined", "Refusée"],
                ["pm_card_threeDSecure2Required", "3-D Secure"],
              ])
                list.append(new Option(text, value));
              label.append(list);
              place.append(label);
              heard.ready?.();
            },
          };
        },
        submit: async () => (list.value ? {} : { error: { message: "Choisissez une carte." } }),
      };
    },
    createConfirmationToken: async () => ({ confirmationToken: { id: `ctoken_${list.value}` } }),
    handleNextAction: async ({ clientSecret }) => {
      const answer = confirm("Banque : confirmer le paiement ?") ? "pm_card_visa" : "pm_card_chargeDeclined";
      const intent = clientSecret.slice(0, clientSecret.indexOf("_secret_"));
      await fetch(`${here}/3ds/${intent}`, {
        method: "POST",
        mode: "no-cors",
        body: new URLSearchParams({ method: answer }),
      });
      return {};
    },
  };
};
