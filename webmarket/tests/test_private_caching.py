"""Personal pages are not cached (no-store); cookies belong to one host; staff sessions end."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.api.models import Scope
from apps.api.tests.caller import with_key
from apps.catalogue.tests.factories import VariantFactory
from apps.prospects.tests.factories import ProspectFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["prospects", "prospects/{id}", "prospects/board"])
def test_prospects_are_not_cached(path):
    card = ProspectFactory()
    answer = with_key(*Scope)("get", path.format(id=card.public_id))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/api/prospects", "/api/prospects/board", "/api/auth/login", "/admin/", "/compte/"])
def test_nor_is_the_answer_to_an_anonymous_request(client, path):
    assert "no-store" in client.get(path)["Cache-Control"]


def test_nor_is_an_answer_to_somebody_who_is_logged_in(client):
    client.force_login(UserFactory())
    for path in ("/compte/", "/compte/adresses/", "/api/commentaires?sectionId=a", "/health", "/nulle-part/"):
        assert "no-store" in client.get(path)["Cache-Control"], path


def test_a_page_that_is_the_same_for_everyone_still_is(client):
    anonymous = client.get("/")["Cache-Control"]
    client.force_login(UserFactory())
    assert client.get("/")["Cache-Control"] == anonymous
    assert "no-store" not in anonymous


def test_the_public_catalogue_is_cached(client):
    assert "no-store" not in client.get("/api/products")["Cache-Control"]


@pytest.mark.parametrize(("secure", "start"), [("true", "__Host-"), ("false", "")])
def test_cookies_belong_to_this_host_where_there_is_https(secure, start):
    code = (
        "from webmarket import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, "
        "s.BASKET_COOKIE_NAME, s.ORDERS_COOKIE_NAME, "
        "getattr(s, 'SESSION_COOKIE_DOMAIN', None), getattr(s, 'CSRF_COOKIE_DOMAIN', None), s.SESSION_COOKIE_SECURE)"
    )
    environment = {**os.environ, "DEMO": "true", "SECRET_KEY": "x", "SECURE_TRANSPORT": secure}
    printed = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    names = ["sessionid", "csrftoken", "django_language", "panier", "commandes"]
    assert printed.stdout.split() == [*(start + name for name in names), "None", "None", str(secure == "true")]


def test_a_visitors_cookies_are_as_their_names_demand(client, settings):
    settings.BASKET_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "__Host-panier", True
    client.post(reverse("storefront:basket_add"), {"sku": VariantFactory(on_hand=1).sku, "quantity": 1})
    cookie = client.cookies["__Host-panier"]
    assert (bool(cookie["secure"]), cookie["path"], cookie["domain"]) == (True, "/", "")


class TestTheTeamsSessions:
    @pytest.fixture
    def clock(self):
        with time_machine.travel(timezone.now(), tick=False) as moved:
            yield moved

    def enter(self, **fields):
        client = Client()
        client.force_login(StaffFactory(is_superuser=True, **fields))
        return client

    def is_in(self, client):
        return client.get(reverse("admin:index")).status_code == 200

    def test_end_after_an_hour_without_a_request(self, clock):
        client = self.enter()
        clock.shift(timedelta(minutes=58))
        assert self.is_in(client)
        clock.shift(timedelta(minutes=58))
        assert self.is_in(client)
        clock.shift(timedelta(minutes=60))
        assert not self.is_in(client)
        assert not Session.objects.exists()

    def test_end_after_twelve_hours_in_all(self, clock):
        client = self.enter()
        for _half_hour in range(23):
            clock.shift(timedelta(minutes=30))
            assert self.is_in(client)
        clock.shift(timedelta(minutes=31))
        assert not self.is_in(client)

    def test_end_in_the_shop_and_in_the_api_too(self, clock):
        client = self.enter()
        clock.shift(timedelta(hours=2))
        assert client.get("/compte/").status_code == 302
        client = self.enter()
        clock.shift(timedelta(hours=2))
        assert client.get("/api/prospects").status_code == 401

    def test_do_not_begin_again_by_going_from_the_shop_to_the_office(self, clock):
        client = Client()
        user = StaffFactory(is_superuser=True)
        client.post(reverse("admin:login"), {"username": user.email, "password": "un mot de passe solide"})
        assert self.is_in(client)
        clock.shift(timedelta(hours=1, seconds=1))
        assert not self.is_in(client)

    def test_a_shoppers_lasts(self, clock):
        client = Client()
        client.force_login(UserFactory())
        clock.shift(timedelta(days=5))
        assert client.get("/compte/").status_code == 200

    def test_write_once_a_minute_at_most(self, clock):
        client = self.enter()
        writes = []
        for _request in range(12):
            clock.shift(timedelta(seconds=10))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("admin:index"))
            writes.append(sum("UPDATE" in each["sql"] and "django_session" in each["sql"] for each in queries))
        assert sum(writes) == 2
