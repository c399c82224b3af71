"""A guest requests an order's link again; it is sent to the order's own e-mail address alone."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.common.email_addresses import canonical_email
from apps.orders.models.order import new_number
from apps.orders.tests.factories import OrderFactory
from apps.shop.tests.factories import write_shop

pytestmark = pytest.mark.django_db
URL, SENT = "/suivre-une-commande/", "/suivre-une-commande/envoye/"


@pytest.fixture(autouse=True)
def fresh_limits(db):
    cache.clear()


@pytest.fixture
def order(db):
    return OrderFactory(number="WM-7K3Q-9F1M", email="camille@exemple.fr")


@pytest.fixture
def ask(client, django_capture_on_commit_callbacks):
    def run(number="WM-7K3Q-9F1M", email="camille@exemple.fr", url=URL):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(url, {"number": number, "email": email})

    return run


@pytest.mark.parametrize(
    "number",
    [
        *(
            "WM-7K3Q-9F1M",
            "wm-7k3q-9f1m",
            "7K3Q9F1M",
            "7k3q 9f1m",
            " WM 7K3Q 9F1M ",
            "WM\u20117K3Q\u20119F1M",
            "7K3Q-9FIM",
        ),
        *(
            "Commande WM-7K3Q-9F1M confirmée",
            "n° WM-7K3Q-9F1M",
            "Commande 7K3Q 9F1M",
            "ＷＭ７Ｋ３Ｑ９Ｆ１Ｍ",
            "«\u202fWM-7K3Q-9F1M\u202f».",
            "W M 7 K 3 Q 9 F 1 M",
        ),
    ],
)
def test_the_number_may_be_typed_as_people_do(ask, order, number):
    assert ask(number).url == SENT
    [sent] = mail.outbox
    assert sent.to == ["camille@exemple.fr"]
    assert f"/suivi/{order.access_token}/" in sent.body


def test_the_link_is_the_shops_own_address(ask, order, settings):
    settings.SITE_URL = "https://boutique.example"
    ask()
    assert f"https://boutique.example/suivi/{order.access_token}/" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("placed", "typed", "same"),
    [
        ("camille@exemple.fr", "Camille@Exemple.FR", True),
        ("camille@exémple.fr", "camille@xn--exmple-cva.fr", True),
        ("camille@exemple.fr", "camille@exémple.fr", False),
        ("camille@exemple.fr", "camillé@exemple.fr", False),
        ("camille@exemple.fr", "camille+1@exemple.fr", False),
        ("strasse@exemple.fr", "straße@exemple.fr", False),
    ],
)
def test_only_the_same_address_finds_it(ask, order, placed, typed, same):
    order.email = placed
    order.save()
    answer = ask(email=typed)
    assert answer.status_code in (303, 422)
    assert [sent.to for sent in mail.outbox] == ([[canonical_email(placed)]] if same else [])


def test_the_answer_and_the_work_are_the_same_whether_it_exists(client, order):
    """What differs is left to the worker: the request asks the database the same, and hands on one task."""
    seen = []
    for number, email in [("WM-7K3Q-9F1M", order.email), ("WM-7K3Q-9F1M", "x@y.fr"), ("WM-0000-0000", order.email)]:
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(URL, {"number": number, "email": email})
        seen.append((answer.status_code, answer.url, client.get(answer.url).content, len(asked)))
        assert not any("orders_order" in query["sql"] for query in asked.captured_queries)
    assert seen[0] == seen[1] == seen[2]


def test_one_message_in_a_few_minutes(ask, order):
    for _repeat in range(4):
        assert ask().url == SENT
    assert len(mail.outbox) == 1


def test_a_flood_is_stopped_and_keeps_what_was_typed(ask, order):
    for _try in range(10):
        assert ask(number="WM-0000-0000").status_code == 303
    answer = ask()
    assert answer.status_code == 429
    assert "camille@exemple.fr" in answer.content.decode()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("number", "email"),
    [("", "a@b.fr"), ("WM-1", "a@b.fr"), ("x" * 500, "a@b.fr"), ("WM-7K3Q-9F1U", "a@b.fr"), ("WM-7K3Q-9F1M", "non")],
)
def test_what_is_wrong_is_said(ask, number, email):
    answer = ask(number, email)
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()


def test_an_erased_order_is_told_to_nobody(ask, order):
    order.anonymised_at = order.placed_at
    order.save()
    assert ask().url == SENT
    assert mail.outbox == []


def test_in_english_and_from_the_foot_of_every_page(ask, client, order):
    assert f'href="{URL}"' in client.get("/contact/").content.decode()
    html = client.get("/en/track-an-order/").content.decode()
    assert "E-mail address of the order" in html
    ask(url="/en/track-an-order/")
    assert "/en/order/" in mail.outbox[0].body


@pytest.mark.parametrize(
    "typed", ["ABC-7K3Q-9F2M", "abc7k3q9f2m", "Commande ABC 7K3Q 9F2M", "7K3Q-9F2M", "WM-7K3Q-9F1M"]
)
def test_numbers_of_every_prefix_are_found(ask, order, typed):
    """The shop's prefix has changed twice: orders keep their numbers, and one without a prefix is found too."""
    write_shop(order_prefix="ABC")
    OrderFactory(number="ABC-7K3Q-9F2M", email="camille@exemple.fr")
    write_shop(order_prefix="WX")
    assert ask(number=typed).url == SENT
    [sent] = mail.outbox
    assert ("ABC-7K3Q-9F2M" if "WM" not in typed else "WM-7K3Q-9F1M") in sent.body


def test_a_new_order_s_number_begins_with_the_shop_s_prefix():
    write_shop(order_prefix="ABC")
    assert re.fullmatch(r"ABC-[0-9A-Z]{4}-[0-9A-Z]{4}", new_number())
