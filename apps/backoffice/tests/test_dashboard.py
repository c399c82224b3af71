from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.charts import bar_chart
from apps.backoffice.models import DailySales
from apps.backoffice.services.groups import sync_groups
from apps.backoffice.services.roll_up import roll_up_day, roll_up_recent
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout.services import cancel_and_refund
from apps.checkout.tests.factories import placed_order
from apps.orders.services import order_ready
from apps.orders.tests.factories import OrderFactory
from apps.payments.services import receive_payment

pytestmark = pytest.mark.django_db


def sold_order(*lines):
    order = placed_order(*lines).order
    receive_payment(order=order, by=None, now=timezone.now())
    order.refresh_from_db()
    return order


def test_a_day_is_what_its_certain_orders_add_up_to():
    order = sold_order((VariantFactory(), 2))
    placed_order()  # awaits its payment: no sale yet
    row = roll_up_day(day=timezone.localdate(), now=timezone.now())
    assert (row.orders, row.pieces, row.revenue, row.vat) == (1, 2, order.total, order.vat_total)


def test_a_cancellation_corrects_the_day_and_a_repeat_changes_nothing():
    order = sold_order()
    roll_up_recent(now=timezone.now())
    cancel_and_refund(order=order, by=None, now=timezone.now())
    roll_up_recent(now=timezone.now())
    roll_up_recent(now=timezone.now())
    assert DailySales.objects.get(date=timezone.localdate()).revenue == Decimal("0.00")


def test_the_first_page_shows_sales_work_and_shortages(client):
    sync_groups()
    user = StaffFactory()
    user.groups.set(Group.objects.filter(name__in=["Commandes", "Catalogue"]))
    client.force_login(user)
    order = sold_order()
    VariantFactory(sku="BIENTOT", on_hand=1, product__name_fr="Confiture de figues")
    roll_up_recent(now=timezone.now())
    page = client.get(reverse("admin:index")).content.decode()
    assert order.number in page
    assert "Confiture de figues" in page
    assert page.count('class="chart-bar"') == 30


def test_support_sees_no_sales_figures(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Assistance"))
    client.force_login(user)
    assert "Chiffre d’affaires" not in client.get(reverse("admin:index")).content.decode()


def test_the_first_page_costs_the_same_whatever_the_number_of_orders(client, django_assert_max_num_queries):
    sync_groups()
    user = StaffFactory(is_superuser=True)
    client.force_login(user)
    url = reverse("admin:index")
    for _ in range(3):
        sold_order((VariantFactory(on_hand=2), 1))
    with django_assert_max_num_queries(25) as few:
        client.get(url)
    for _ in range(9):
        sold_order((VariantFactory(on_hand=2), 1))
    with django_assert_max_num_queries(25) as many:
        client.get(url)
    assert len(few) == len(many)


def test_the_scale_ends_at_a_round_figure_above_the_largest_day():
    days = [(date(2026, 11, 1) + timedelta(days=n), Decimal(amount), 1) for n, amount in enumerate([0, 130, 410])]
    chart = bar_chart(days)
    assert chart.top == Decimal(500)
    assert [bar.height for bar in chart.bars] == [0, 39.0, 123.0]


def test_no_sales_at_all_draw_an_empty_chart():
    assert bar_chart([(date(2026, 11, 1), Decimal(0), 0)]).bars[0].height == 0


def test_orders_that_nobody_collects_are_said(client):
    sync_groups()
    user = StaffFactory()
    user.groups.set(Group.objects.filter(name="Commandes"))
    client.force_login(user)
    now = timezone.now()
    order = OrderFactory(delivery_kind="IN_STORE", status="PREPARING", hold_expires_at=None)
    order_ready(order=order, by=None, now=now - timedelta(days=13))
    sentence = "1 commande attend au comptoir depuis plus de 14 jours"
    assert sentence not in client.get(reverse("admin:index")).content.decode()
    order = OrderFactory(delivery_kind="IN_STORE", status="PREPARING", hold_expires_at=None)
    order_ready(order=order, by=None, now=now - timedelta(days=15))
    assert sentence in client.get(reverse("admin:index")).content.decode()


def test_amounts_are_written_in_the_readers_language(client):
    client.force_login(StaffFactory(is_superuser=True))
    sold_order()
    roll_up_recent(now=timezone.now())
    page = client.get(reverse("admin:index"), headers={"accept-language": "en"}).content.decode()
    assert f"€{DailySales.objects.get(date=timezone.localdate()).revenue}" in page
