"""What people do when the shop is up: the owner opens the account, and a shopper orders."""

from __future__ import annotations

import http.cookiejar
import secrets
import sys
import urllib.parse
import urllib.request
from pathlib import Path

from local import ROOT, Unusable

sys.path.append(str(ROOT / "deploy" / "loadtest"))

from forms import Form, Page

GUEST = {
    "email": "client@example.org",
    "recipient": "Claire Martin",
    "line1": "12 rue des Halles",
    "postcode": "69002",
    "city": "Lyon",
    "delivery_method": "domicile",
    "payment_method": "bank_transfer",
}


class Browser:
    def __init__(self, site: str) -> None:
        self.site = site
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.path = ""

    def open(self, path: str, data: dict[str, str] | None = None) -> Page:
        url = urllib.parse.urljoin(self.site + self.path, path)
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        request = urllib.request.Request(
            url, body, {"Sec-Fetch-Site": "same-origin", "Origin": self.site, "Referer": url}
        )
        with self.opener.open(request, timeout=60) as answer:
            self.path = urllib.parse.urlsplit(answer.url).path
            self.text = answer.read().decode()
        return Page(self.text)

    def send(self, form: Form | None, **more: str) -> Page:
        if form is None:
            raise Unusable(f"{self.path} has not the form that comes next.")
        return self.open(form.action or self.path, {**form.fields, **more})


def open_owners_account(site: str, link: str) -> str:
    """The path that the owner comes to."""
    browser = Browser(site)
    page = browser.open(urllib.parse.urlsplit(link).path)
    form = next((one for one in page.forms if any("password" in name for name in one.fields)), None)
    if form is None:
        raise Unusable(f"{browser.path} asks for no password.")
    passwords = dict.fromkeys([name for name in form.fields if "password" in name], secrets.token_urlsafe(16))
    asked_at = browser.path
    browser.send(form, email="proprietaire@example.org", first_name="Camille", **passwords)
    if browser.path == asked_at:
        raise Unusable(f"{asked_at} asks again: {browser.text[:2000]}")
    return browser.path


def order(site: str) -> str:
    """From a rayon to the confirmation; its path."""
    browser = Browser(site)
    rayons = browser.open("/").under("/rayon/")
    for _ in range(10):
        products = browser.open(secrets.choice(rayons)).under("/produit/")
        form = browser.open(secrets.choice(products)).form("/panier/ajouter/") if products else None
        if form is not None and form.fields.get("sku"):
            browser.send(form)
            break
    else:
        raise Unusable("No product could be put into the basket.")
    details = browser.open("/commande/").form("/commande/")
    summary = browser.send(details, **GUEST)
    form = summary.form("/commande/valider/")
    browser.send(form, terms=form.choices["terms"][0] if form else "")
    return browser.path


def orders_in(database: Path) -> int:
    import sqlite3

    with sqlite3.connect(database) as connection:
        return connection.execute("SELECT COUNT(*) FROM orders_order").fetchone()[0]
