"""Pages kept by a real nginx with the shop's configuration, in front of the live shop."""

import http.client
import json
import re
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, resolve, reverse
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.prices import set_price
from apps.catalogue.tests.factories import VariantFactory
from deploy.bench.nginx import MANY_VISITORS, Nginx, serving
from webmarket.tests.proofs.hosts import Host, Relay, environment, running, wait_for

pytestmark = pytest.mark.proof
FRESH_SECONDS = 3
"""How old a page from nginx may be."""
CLIENTS, CHANGES = 50, 1000
FIRST, CENT = Decimal("4.40"), Decimal("0.01")


@pytest.fixture
def variant(shop: str):
    variant = VariantFactory(price=FIRST, product__slug_fr="figues")
    refresh_listing(product_ids=[variant.product_id])
    return variant


@pytest.fixture
def nginx(shop: str) -> Iterator[Nginx]:
    with serving(shop.removeprefix("http://")) as running:
        yield running


def ask(nginx: Nginx, path: str, **headers: str) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=20)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    return answer, "" if answer.headers["Content-Encoding"] else body.decode()


def statuses(nginx: Nginx) -> list[str]:
    return [json.loads(line)["cache"] for line in nginx.log().splitlines()]


def test_the_third_visitor_is_answered_by_nginx(nginx, variant):
    url = "/produit/figues/"
    answers = [ask(nginx, url)[0] for _visitor in range(3)]
    assert statuses(nginx) == ["MISS", "MISS", "HIT"]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"public, max-age=0, s-maxage=1"}
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == 3
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    unchanged, body = ask(nginx, url, If_None_Match=answers[2].headers["ETag"])
    assert (unchanged.status, body) == (304, "")


def test_who_takes_no_gzip_gets_none(nginx, variant):
    url = "/produit/figues/"
    for _visitor in range(3):
        zipped, _body = ask(nginx, url, Accept_Encoding="gzip")
        plain, body = ask(nginx, url)
    assert statuses(nginx)[-2:] == ["HIT", "HIT"]
    assert (zipped.headers["Content-Encoding"], plain.headers["Content-Encoding"]) == ("gzip", None)
    assert "4,40" in body


def test_a_changed_price_is_seen_by_the_first_who_asks_after_three_seconds(nginx, variant):
    url = "/produit/figues/"
    for _visitor in range(3):
        assert "4,40" in ask(nginx, url)[1]
    set_price(variant=variant, amount=Decimal("5.55"), now=timezone.now())
    time.sleep(FRESH_SECONDS)
    assert "5,55" in ask(nginx, url)[1]


def test_while_the_new_page_is_fetched_the_last_one_is_served(nginx, variant):
    url = "/produit/figues/"
    for _visitor in range(3):
        ask(nginx, url)
    set_price(variant=variant, amount=Decimal("5.55"), now=timezone.now())
    end = time.monotonic() + 2 * FRESH_SECONDS
    while "5,55" not in ask(nginx, url)[1] and time.monotonic() < end:
        time.sleep(0.1)
    seen = statuses(nginx)
    assert "STALE" in seen
    assert seen.index("HIT") < seen.index("STALE")
    assert "MISS" not in seen[2:]
    assert "EXPIRED" not in seen


def test_only_shared_pages_are_kept(nginx, variant):
    """Every page of the shop without parameters, asked for three times in a row by a customer."""
    customer = Client()
    customer.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    cookie = f"{settings.SESSION_COOKIE_NAME}={customer.cookies[settings.SESSION_COOKIE_NAME].value}"
    cached, shared = set(), set()
    for path in pages():
        before = len(statuses(nginx))
        for _turn in range(3):
            ask(nginx, path, Cookie=cookie)
        if "HIT" in statuses(nginx)[before:]:
            cached.add(path)
        if getattr(resolve(path).func, "is_shared_page", False):
            shared.add(path)
    assert cached <= shared, "personal pages were kept"
    assert {"/", "/recherche/", "/mentions-legales/"} <= cached


def pages() -> list[str]:
    resolver = get_resolver()
    _prefix, storefront = resolver.namespace_dict["storefront"]
    names = [name for name in resolver.reverse_dict if isinstance(name, str)]
    names += [f"storefront:{name}" for name in storefront.reverse_dict if isinstance(name, str)]
    paths = set()
    for name in names:
        with suppress(NoReverseMatch):
            paths.add(reverse(name))
    assert len(paths) > 40
    return sorted(paths)


def test_when_the_shop_is_down_no_old_price_is_served(shop, variant):
    url = "/produit/figues/"
    relay = Relay(("127.0.0.1", int(shop.rpartition(":")[2])))
    with closing(relay), serving(f"127.0.0.1:{relay.port}") as nginx:
        for _visitor in range(3):
            assert ask(nginx, url)[0].status == 200
        relay.refuse()
        time.sleep(FRESH_SECONDS)
        answer, body = ask(nginx, url)
    assert answer.status == 502
    assert "4,40" not in body


@pytest.mark.mysql
def test_a_thousand_changes_of_a_price_while_fifty_clients_read(shop, variant, tmp_path):
    """Prices rise by a cent; a page's price says which change it has seen. Prints the oldest."""
    changed_at = [time.monotonic()]
    port = free_port()
    host = Host("shop", environment({}, CELERY_BROKER_URL="memory://", PORT=str(port)), tmp_path)
    enough = threading.Event()
    ages: list[list[float]] = [[] for _client in range(CLIENTS)]
    with running(host), serving(f"127.0.0.1:{port}", visitors=MANY_VISITORS) as nginx:
        host.start_gunicorn()
        wait_for(host.log_tail, lambda: ask(nginx, "/health")[0].status == 200, seconds=30)
        clients = [threading.Thread(target=read, args=(nginx, changed_at, own, enough)) for own in ages]
        for client in clients:
            client.start()
        for number in range(1, CHANGES + 1):
            set_price(variant=variant, amount=FIRST + number * CENT, now=timezone.now())
            changed_at.append(time.monotonic())
            time.sleep(0.01)
        enough.set()
        for client in clients:
            client.join()
        seen = Counter(statuses(nginx))
    read_ages = sorted(age for own in ages for age in own)
    assert len(read_ages) > CHANGES
    print(f"\n{CHANGES} changes in {changed_at[-1] - changed_at[0]:.0f} s, {len(read_ages)} pages read: {dict(seen)}")
    print(f"age of a price: median {statistics.median(read_ages):.2f} s, oldest {read_ages[-1]:.2f} s")
    assert read_ages[-1] < 1 + FRESH_SECONDS


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def read(nginx: Nginx, changed_at: list[float], ages: list[float], enough: threading.Event) -> None:
    """Note of each page for how many seconds its price has been outdated."""
    while not enough.is_set():
        asked_at = time.monotonic()
        answer, body = ask(nginx, "/produit/figues/")
        assert answer.status == 200, body
        euros, cents = re.search(r"(\d+),(\d\d)\s€", body).groups()
        number = int((Decimal(f"{euros}.{cents}") - FIRST) / CENT)
        newer = changed_at[number + 1] if number + 1 < len(changed_at) else asked_at
        ages.append(max(0.0, asked_at - newer))
