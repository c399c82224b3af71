"""Purchases by guests, each from product page to confirmation in six requests, over 8 concurrent connections.

    buyers.py http://127.0.0.1:8000 SECONDS SKU:PATH [SKU:PATH …]

Prints JSON: number of purchases, seconds, requests of one purchase and the first failure if there was one.
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
    purchases: int = 0
    requests: int = 0
    failure: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Buyer:
    """A browser with cookies and one persistent connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
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

    def buy(self, sku: str, page: str) -> str:
        """Buy one piece; returns the failure, or an empty string when the order was confirmed."""
        self.cookies, self.requests = {}, 0
        status, _, _ = self.ask(page)
        if status != 200:
            return f"{page}: {status}"
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


def buy_until(end: float, url: str, products: list[tuple[str, str]], start: int, tally: Tally) -> None:
    buyer = Buyer(url)
    for sku, page in itertools.islice(itertools.cycle(products), start, None):
        if time.monotonic() > end:
            return
        failure = buyer.buy(sku, page)
        with tally.lock:
            tally.purchases += not failure
            tally.requests = buyer.requests
            tally.failure = tally.failure or failure


def main() -> None:
    url, seconds, *products = sys.argv[1:]
    chosen = [tuple(product.split(":", 1)) for product in products]
    tally = Tally()
    begin = time.monotonic()
    arguments = [(begin + float(seconds), url, chosen, number * 3 % len(chosen), tally) for number in range(BUYERS)]
    threads = [threading.Thread(target=buy_until, args=each) for each in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = {"purchases": tally.purchases, "seconds": time.monotonic() - begin, "requests": tally.requests}
    json.dump({**result, "failure": tally.failure}, sys.stdout)


if __name__ == "__main__":
    main()
