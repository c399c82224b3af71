"""Guests who buy, each from product page to confirmation in six requests, on 8 connections at once.

    buyers.py http://127.0.0.1:8000 SECONDS SKU:ADDRESS [SKU:ADDRESS …]

Prints JSON: purchases made, seconds taken, requests of one purchase and the first failure if there was one.
"""

import http.client
import itertools
import json
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

BUYERS = 8
FIELD = re.compile(r'<input[^>]*?name="(fingerprint|basket|terms)"[^>]*?value="([^"]*)"')
DETAILS = {
    "email": "camille@exemple.fr",
    "recipient": "Camille Martin",
    "line1": "12 rue des Halles",
    "postcode": "69002",
    "city": "Lyon",
    "delivery_method": "domicile",
    "payment_method": "bank_transfer",
}


@dataclass
class Tally:
    made: int = 0
    requests: int = 0
    failure: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Buyer:
    """A browser with cookies and one connection that stays open."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.requests = 0

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request("GET" if form is None else "POST", path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.requests += 1
        return response.status, response.headers.get("Location", ""), text

    def buy(self, sku: str, address: str) -> str:
        """Empty when the order was confirmed, else what went wrong."""
        self.cookies, self.requests = {}, 0
        status, _, _ = self.ask(address)
        if status != 200:
            return f"{address}: {status}"
        status, where, _ = self.ask("/panier/ajouter/", {"sku": sku, "quantity": "1"})
        if status not in (302, 303):
            return f"add: {status}"
        status, where, text = self.ask("/commande/", DETAILS)
        if status not in (302, 303) or "recapitulatif" not in where:
            return f"details: {status} {where}"
        status, _, text = self.ask(where)
        hidden = dict(FIELD.findall(text))
        if status != 200 or "fingerprint" not in hidden:
            return f"summary: {status}"
        status, where, _ = self.ask("/commande/valider/", hidden)
        if status not in (302, 303):
            return f"order: {status}"
        status, _, _ = self.ask(where)
        return "" if status == 200 else f"{where}: {status}"


def buy_until(end: float, address: str, products: list[tuple[str, str]], start: int, tally: Tally) -> None:
    buyer = Buyer(address)
    for sku, page in itertools.islice(itertools.cycle(products), start, None):
        if time.monotonic() > end:
            return
        failure = buyer.buy(sku, page)
        with tally.lock:
            tally.made += not failure
            tally.requests = buyer.requests
            tally.failure = tally.failure or failure


def main() -> None:
    address, seconds, *products = sys.argv[1:]
    chosen = [tuple(product.split(":", 1)) for product in products]
    tally = Tally()
    begin = time.monotonic()
    arguments = [(begin + float(seconds), address, chosen, number * 3 % len(chosen), tally) for number in range(BUYERS)]
    threads = [threading.Thread(target=buy_until, args=each) for each in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = {"made": tally.made, "seconds": time.monotonic() - begin, "requests": tally.requests}
    json.dump({**result, "failure": tally.failure}, sys.stdout)


if __name__ == "__main__":
    main()
