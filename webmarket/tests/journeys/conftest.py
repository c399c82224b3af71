import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from apps.catalogue.services.listing import rebuild_listing
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from apps.delivery.tests.factories import DeliveryMethodFactory, InStoreFactory, PickupPointFactory

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}


def sign_in(context, url: str, user) -> None:
    """Give a browser context a logged-in session."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])


@pytest.fixture
def small_shop(shop: str) -> str:
    """The live server with a category of three products and every kind of delivery."""
    rayon = CategoryFactory(
        name_fr="Épicerie fine", name_en="Fine foods", slug_fr="epicerie-fine", slug_en="fine-foods"
    )
    for slug, name, price in (
        ("confiture-de-figues", "Confiture de figues", "6.50"),
        ("miel-de-lavande", "Miel de lavande de Provence", "12.90"),
        ("huile-d-olive", "Huile d’olive vierge extra", "24.00"),
    ):
        product = ProductFactory(category=rayon, name_fr=name, slug_fr=slug, slug_en=f"{slug}-en")
        VariantFactory(product=product, sku=slug.upper(), price=price)
    DeliveryMethodFactory(code="domicile", position=1)
    PickupPointFactory(
        code="relais-halles", method__code="relais", method__position=2, method__brackets={30000: "3.90"}
    )
    InStoreFactory(code="boutique", position=3)
    rebuild_listing()
    return shop


@pytest.fixture
def look(assert_accessible) -> Callable:
    """`look(page, "panier")`: nothing is cut off or wider than the screen, axe finds nothing serious.

    With SCREENSHOTS=folder it keeps a picture of the whole page, to be looked at by a person.
    """

    def check(page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        assert_accessible(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], f"{page.url} is {width} px wide"
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}-{page.viewport_size['width']}.png", full_page=True)

    return check
