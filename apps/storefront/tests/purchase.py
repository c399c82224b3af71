"""The requests of a purchase."""

import re
from urllib.parse import urlsplit

from django.test import Client
from django.urls import reverse

GUEST = {
    "email": "camille@exemple.fr",
    "recipient": "Camille Martin",
    "company": "",
    "line1": "12 rue des Halles",
    "line2": "",
    "postcode": "69002",
    "city": "Lyon",
    "phone": "06 12 34 56 78",
    "delivery_method": "domicile",
    "pickup_point": "",
    "payment_method": "bank_transfer",
}


def add(client: Client, sku: str, quantity: object = 1, **headers: str):
    return client.post(reverse("storefront:basket_add"), {"sku": sku, "quantity": quantity}, headers=headers)


def fill_in(client: Client, **changes: str):
    return client.post(reverse("storefront:checkout"), GUEST | changes)


def read_summary(client: Client) -> dict[str, str]:
    """The fields of the form that orders, its box ticked."""
    page = client.get(reverse("storefront:summary"))
    assert page.status_code == 200, page.headers.get("Location")
    fields = dict(re.findall(r'name="(basket|fingerprint|terms)"\s+value="([^"]+)"', page.content.decode()))
    assert fields.keys() == {"basket", "fingerprint", "terms"}
    return fields


def place(client: Client, fields: dict[str, str]):
    return client.post(reverse("storefront:place_order"), fields)


def buy(client: Client, sku: str, **changes: str):
    """All of it; returns the answer to the last click."""
    add(client, sku)
    fill_in(client, **changes)
    return place(client, read_summary(client))


def path_of(response) -> str:
    assert response.status_code == 303
    return urlsplit(response["Location"]).path
