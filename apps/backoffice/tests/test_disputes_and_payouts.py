"""What staff see of money that moves without the shop: disputes until when, payouts and what is not explained."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.services.groups import sync_groups
from apps.common.formats import day
from apps.payments.models import PayoutLine
from apps.payments.tests.factories import DisputeFactory, PaymentFactory, PayoutFactory, PayoutLineFactory

pytestmark = pytest.mark.django_db
DISPUTES, PAYOUTS = reverse("admin:payments_dispute_changelist"), reverse("admin:payments_payout_changelist")


@pytest.fixture(autouse=True)
def groups(db):
    sync_groups()


@pytest.fixture
def member(client):
    """`member("Commandes")` logs a colleague of that group in."""

    def log_in(group: str):
        user = StaffFactory()
        user.groups.add(Group.objects.get(name=group))
        client.force_login(user)
        return user

    return log_in


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode().replace("\u202f", " ").replace("\xa0", " ")


def plain(value: str) -> str:
    return value.replace("\xa0", " ")


def test_a_dispute_stands_on_its_order_and_on_the_dashboard_until_it_is_answered(client, member):
    member("Commandes")
    dispute, other = DisputeFactory(), DisputeFactory()
    own = reverse("admin:payments_dispute_change", args=[dispute.pk])
    order = reverse("admin:orders_order_change", args=[dispute.payment.order_id])
    until = plain(day(dispute.answer_by))
    for url in (order, reverse("admin:index")):
        page = text(client.get(url))
        assert (own in page, until in page) == (True, True)
    assert reverse("admin:payments_dispute_change", args=[other.pk]) not in text(client.get(order))
    page = text(client.get(own))
    assert (order in page, until in page) == (True, True)
    assert client.get(reverse("admin:payments_dispute_history", args=[dispute.pk])).url.startswith(order)
    dispute.status = dispute.Status.UNDER_REVIEW
    dispute.save()
    assert own not in text(client.get(reverse("admin:index")))
    assert until not in text(client.get(order))


def test_the_list_of_disputes_costs_the_same_with_thirty(client, member, django_assert_max_num_queries):
    member("Commandes")
    answered = DisputeFactory(status="WON")
    for count in (3, 30):
        DisputeFactory.create_batch(count)
        with django_assert_max_num_queries(8):
            page = text(client.get(DISPUTES, {"to_answer": "1"}))
    assert answered.payment.order.number not in page
    assert answered.payment.order.number in text(client.get(DISPUTES))


def test_payouts_say_what_is_not_explained(client, member, django_assert_max_num_queries):
    member("Administration")
    payment = PaymentFactory(gateway="stripe", status="CAPTURED", captured_at=timezone.now())
    payout = PayoutFactory()
    PayoutLineFactory(payout=payout, payment=payment, match=PayoutLine.Match.SAME, source="ch_of_ours")
    page = text(client.get(PAYOUTS))
    assert "À expliquer" not in page
    for count in (3, 30):
        PayoutLineFactory.create_batch(count, payout=PayoutFactory(amount=Decimal("29.50") * count))
        with django_assert_max_num_queries(14):
            page = text(client.get(PAYOUTS))
        assert page.count("inconnu de la boutique") == PayoutLine.objects.unexplained().count()
    assert "ch_of_ours" not in page
    page = text(client.get(reverse("admin:payments_payout_change", args=[payout.pk])))
    assert (payment.order.number in page, "conforme" in page) == (True, True)


def test_the_journal_of_money_is_a_file_beside_that_of_sales(client, member):
    member("Administration")
    payment = PaymentFactory(gateway="stripe", status="CAPTURED", captured_at=timezone.now())
    month = f"{timezone.localdate():%Y-%m}"
    url = reverse("admin:invoicing_document_cash", args=[month])
    page = text(client.get(reverse("admin:invoicing_document_books")))
    assert (url in page, "511500" in page) == (True, True)
    response = client.get(url)
    assert response["Content-Disposition"].endswith('-encaissements.txt"')
    header, *lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(header.split("\t")) == 18
    assert [line.split("\t")[4] for line in lines] == ["511500", "411000"]
    assert {line.split("\t")[8] for line in lines} == {payment.order.number}
    assert client.get(reverse("admin:invoicing_document_cash", args=["2026-13"])).status_code == 404


@pytest.mark.parametrize(
    ("group", "disputes", "payouts"), [("Catalogue", 403, 403), ("Assistance", 403, 403), ("Commandes", 200, 403)]
)
def test_who_has_nothing_to_do_with_them_sees_none(client, member, group, disputes, payouts):
    member(group)
    DisputeFactory()
    assert (client.get(DISPUTES).status_code, client.get(PAYOUTS).status_code) == (disputes, payouts)
    assert client.get(f"{DISPUTES}abc/change/").status_code in (302, 403)
