from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import VariantFactory
from apps.comments.invitations import due, invite, invite_reviews
from apps.comments.models import ReviewObjection
from apps.comments.purchases import email_hash
from apps.comments.sections import section_of
from apps.comments.tests.factories import CommentFactory
from apps.orders.models import Order
from apps.orders.tests.factories import OrderFactory, OrderLineFactory

pytestmark = pytest.mark.django_db


def arrived(days: int, **fields) -> Order:
    now = timezone.now()
    values = {"status": Order.Status.DELIVERED, "paid_at": now, "closed_at": now - timedelta(days=days), "lines": []}
    order = OrderFactory(**(values | fields))
    variant = VariantFactory(product__name_fr="Miel de lavande")
    refresh_listing(product_ids=[variant.product_id])
    OrderLineFactory(order=order, variant=variant)
    return order


@pytest.fixture
def run(django_capture_on_commit_callbacks):
    def call() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return invite_reviews()

    return call


def test_asks_once_a_week_after_the_delivery(run):
    order = arrived(8)
    assert (run(), run()) == (1, 0)
    [message] = mail.outbox
    assert order.number in message.subject
    assert "Miel de lavande" in message.body
    assert f"?commande={order.access_token}#ecrire" in message.body


@pytest.mark.parametrize(
    "fields", [{"days": 6}, {"days": 31}, {"days": 8, "email": ""}, {"days": 8, "status": Order.Status.SHIPPED}]
)
def test_asks_nobody_too_early_too_late_or_for_nothing(run, fields):
    arrived(**fields)
    assert run() == 0
    assert not mail.outbox


def test_does_not_ask_who_has_rated(run):
    order = arrived(8)
    section = section_of(order.lines.get().variant.product_id)
    CommentFactory(section_id=section, rating=4, bought_on=timezone.localdate(), buyer_email=email_hash(order.email))
    assert run() == 0


def test_never_asks_again_who_objects(run):
    order = arrived(8)
    url = reverse("storefront:refuse_invitations", args=[order.access_token])
    assert Client().get(url).status_code == 200
    assert not ReviewObjection.objects.exists()
    Client().post(url)
    Client().post(url)
    assert run() == 0
    assert due(now=timezone.now()) == []


def test_in_the_language_of_the_order(run):
    arrived(8, language="en")
    run()
    assert "/en/" in mail.outbox[0].body


def test_a_second_worker_sends_nothing(run):
    order = arrived(8)
    run()
    assert not invite(order_id=order.pk, now=timezone.now())
