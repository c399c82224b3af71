"""Journeys of visitors: browse, search with a typing error, buy as a guest.

Paths are the French ones; all else is read from the pages, as by a browser.
"""

from __future__ import annotations

import random
import re

import gevent
from forms import Form, Page
from locust import HttpUser

# By this domain staff recognise these orders; no mail server accepts a message for it.
DOMAIN = "load-test.example"
GUEST = {
    "recipient": "Essai de charge",
    "line1": "12 rue des Halles",
    "postcode": "69002",
    "city": "Lyon",
    "delivery_method": "domicile",
}
WORD = re.compile(r"[a-z]{4,}")
SECONDS_FOR_AN_ANSWER = 30


class Broken(Exception):
    """A page without the expected content; counted as an error like those of HTTP."""


class Visitor(HttpUser):
    """One visitor: a new browser, one journey. `think` is the mean number of seconds between two pages."""

    abstract = True
    host = "http://127.0.0.1"
    think = 2.0
    orders: list[str] = []

    def look(self, path: str, name: str) -> Page:
        with self.client.get(path, name=name, timeout=SECONDS_FOR_AN_ANSWER, catch_response=True) as answer:
            if answer.status_code != 200:
                answer.failure(f"{name}: {answer.status_code}")
                raise Broken(name)
            answer.success()
            return Page(answer.text)

    def send(self, path: str, form: dict[str, str], name: str) -> Page:
        """Send a form as a browser does, and follow the redirect."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        with self.client.post(
            path, form, name=name, headers=headers, timeout=SECONDS_FOR_AN_ANSWER, catch_response=True
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"{name}: {answer.status_code}")
                raise Broken(name)
            answer.success()
            return Page(answer.text)

    def pause(self) -> None:
        if self.think:
            gevent.sleep(random.expovariate(1 / self.think))

    def browse(self) -> None:
        home = self.look("/", "home")
        self.pause()
        rayon = self.look(self.one_of(home.under("/rayon/"), "rayon"), "rayon")
        for _ in range(random.randint(1, 3)):
            self.pause()
            products = rayon.under("/produit/")
            if not products:
                return
            self.look(random.choice(products), "product")

    def search(self) -> None:
        home = self.look("/", "home")
        word = self.one_of([word for link in home.under("/produit/") for word in WORD.findall(link[9:])], "word")
        self.pause()
        self.client.get(f"/recherche/suggestions/?q={word[:3]}", name="suggestions", timeout=SECONDS_FOR_AN_ANSWER)
        found = self.look(f"/recherche/?q={mistyped(word) if random.random() < 0.3 else word}", "search")
        products = found.under("/produit/")
        if products:
            self.pause()
            self.look(random.choice(products), "product")

    def buy(self) -> None:
        """From a rayon to the confirmation. What is sold out or has to be chosen first is passed by."""
        home = self.look("/", "home")
        for _ in range(4):
            self.pause()
            rayon = self.look(self.one_of(home.under("/rayon/"), "rayon"), "rayon")
            products = rayon.under("/produit/")
            if not products:
                continue
            self.pause()
            product = self.look(random.choice(products), "product")
            form = product.form("/panier/ajouter/")
            if form is not None and form.fields.get("sku"):
                self.pause()
                self.send("/panier/ajouter/", form.fields, "add to basket")
                self.order()
                return

    def order(self) -> None:
        self.pause()
        page = self.look("/commande/", "details")
        details = self.form(page, "/commande/")
        payment = "demo_card" if "demo_card" in details.choices.get("payment_method", []) else "bank_transfer"
        guest = {**GUEST, "email": f"visiteur-{random.randrange(10**9)}@{DOMAIN}", "payment_method": payment}
        self.pause()
        summary = self.send("/commande/", {**details.fields, **guest}, "give details")
        order = self.form(summary, "/commande/valider/")
        self.pause()
        following = self.send(order.action, {**order.fields, "terms": order.choices["terms"][0]}, "order")
        charge = next((form for form in following.forms if "instrument" in form.choices), None)
        if charge is not None:
            self.pause()
            self.send(charge.action, charge.fields, "pay")
        self.orders.append(payment)

    def form(self, page: Page, action: str) -> Form:
        found = page.form(action)
        if found is None:
            raise Broken(f"no form {action}")
        return found

    def one_of(self, found: list[str], what: str) -> str:
        if not found:
            raise Broken(f"no {what}")
        return random.choice(found)


JOURNEYS = {"browse": Visitor.browse, "search": Visitor.search, "buy": Visitor.buy}


def mistyped(word: str) -> str:
    """The word with a typing error: two characters swapped, or one left out."""
    place = random.randrange(1, len(word) - 1)
    if random.random() < 0.5:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + word[place + 1 :]
