"""A payment provider's hosted page on another origin: form-action must allow the redirect after a form."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from apps.checkout.services import check_books
from apps.orders.models import Order
from apps.payments.gateways.base import State
from apps.payments.tests.banks import Bank, HostedPage
from apps.payments.tests.fixtures import with_bank  # noqa: F401
from webmarket.tests.journeys.conftest import PHONE
from webmarket.tests.journeys.test_purchase import fill_in, put_in_basket

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_shop")]

FORM = "<!doctype html><title>Banque</title><form method=post><button>Payer</button></form><a href='{back}'>Retour</a>"


@contextmanager
def serving(bank: Bank) -> Iterator[str]:
    """The provider's page: its button pays, its link leads back without paying."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = FORM.format(back=bank.sessions[self.path.strip("/")].request.return_url).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            session = bank.sessions[self.path.strip("/")]
            session.state = State.CAPTURED
            self.send_response(303)
            self.send_header("Location", session.request.return_url)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def origin(with_bank, settings, monkeypatch) -> Iterator[str]:  # noqa: F811
    with serving(with_bank(HostedPage)) as origin:
        monkeypatch.setattr(HostedPage, "origin", origin)
        yield origin


def name_in_policy(settings, origin: str) -> None:
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": policy | {"form-action": [*policy["form-action"], origin]},
    }


def test_leaves_for_the_page_comes_back_and_pays_there(page, look, origin, settings):
    name_in_policy(settings, origin)
    page.set_viewport_size(PHONE)
    put_in_basket(page)
    page.goto("/commande/")
    fill_in(page)
    page.check("[name=payment_method][value=hosted]")
    page.click("text=Vérifier ma commande")
    page.check("[name=terms]")
    page.click("text=Commander avec obligation de paiement")
    page.wait_for_url("**/paiement/**")
    order = Order.objects.get()
    look(page, "prestataire-1-avant")

    page.get_by_role("button", name="Payer").click()
    page.wait_for_url(f"{origin}/**")
    page.go_back()
    page.wait_for_url("**/paiement/**")
    page.get_by_role("button", name="Payer").click()
    page.wait_for_url(f"{origin}/**")
    page.click("text=Retour")
    page.wait_for_url(f"**/paiement/{order.access_token}/")
    expect(page.locator("main")).not_to_contain_text("Rien n’a été débité")
    look(page, "prestataire-2-revenu")

    page.get_by_role("button", name="Payer").click()
    page.wait_for_url(f"{origin}/**")
    page.get_by_role("button", name="Payer").click()
    page.wait_for_url("**/merci/**")
    order.refresh_from_db()
    assert order.status == Order.Status.CONFIRMED
    page.go_back()
    page.wait_for_load_state()
    page.goto(f"/paiement/{order.access_token}/")
    assert page.url.endswith(f"/commande/merci/{order.access_token}/") or "/suivi/" in page.url
    assert len(HostedPage.bank.sessions) == 1
    assert check_books() == []
