"""« Renoncer au contrat ici », from every way in to the acknowledgement (art. L221-21 and D221-5 code de la
consommation)."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from apps.accounts.tests.factories import UserFactory
from apps.aftersales.models import Withdrawal, WithdrawalLine
from apps.aftersales.tests.factories import WithdrawalFactory
from apps.catalogue.tests.factories import VariantFactory
from apps.orders.tests.factories import OrderFactory, OrderLineFactory

pytestmark = pytest.mark.django_db(transaction=True)
HERE = {"fr": "Renoncer au contrat ici", "en": "Withdraw from contract here"}
CONFIRM = {"fr": "Confirmer la rétractation", "en": "Confirm withdrawal"}


@pytest.fixture(autouse=True)
def fresh_limits(db):
    cache.clear()


@pytest.fixture
def order():
    now = timezone.now()
    order = OrderFactory(status="DELIVERED", paid_at=now, closed_at=now, lines=[])
    OrderLineFactory(order=order)
    OrderLineFactory(order=order, product_name="Reblochon", withdrawal_exception="PERISHABLE")
    OrderLineFactory(order=order, product_name="Savon <b>doux</b>", withdrawal_exception="HYGIENE")
    return order


def url(order, language="fr") -> str:
    with override(language):
        return reverse("storefront:withdraw", args=[order.access_token])


def fields_of(page) -> dict[str, str]:
    """What the page's form would send."""
    html = page.content.decode().partition("<main")[2]
    inputs = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", html)]
    return {each["name"]: each.get("value", "") for each in inputs if each["type"] != "checkbox"}


def line_field(order, name="Miel de lavande") -> str:
    return f"quantity_{order.lines.get(product_name=name).pk}"


def send(client, order, language="fr", **changed):
    """The three steps as a browser does them; the answers to the two posts."""
    address = url(order, language)
    form = fields_of(client.get(address)) | changed
    summary = client.post(address, form | {"step": "review"})
    assert summary.status_code == 200
    return summary, client.post(address, fields_of(summary) | {"step": "confirm"})


@pytest.mark.parametrize("language", ["fr", "en"])
def test_from_the_form_to_the_acknowledgement(client, order, language):
    summary, answer = send(client, order, language, **{line_field(order): "1", "email": "Autre@Exemple.fr"})
    assert CONFIRM[language] in summary.content.decode()
    withdrawal = Withdrawal.objects.get()
    assert answer.status_code == 303
    page = client.get(answer.url).content.decode()
    [sent] = mail.outbox
    assert sent.to == ["autre@exemple.fr"]
    local = timezone.localtime(withdrawal.declared_at)
    for text in (page, sent.body):
        for part in ("Camille Martin", order.number, "1 × Miel de lavande", str(local.year), f"{local:%M}"):
            assert part in text
        assert "Reblochon" not in text
    assert "12,50" in sent.body or "12.50" in sent.body
    assert withdrawal.language == language


def test_nothing_is_declared_before_the_confirmation_and_correcting_keeps_what_was_typed(client, order):
    form = fields_of(client.get(url(order))) | {line_field(order): "2", "name": "Dominique"}
    summary = client.post(url(order), form | {"step": "review"})
    back = client.post(url(order), fields_of(summary) | {"step": "edit"})
    assert not Withdrawal.objects.exists()
    assert fields_of(back)["name"] == "Dominique"
    assert fields_of(back)[line_field(order)] == "2"


def test_everything_is_all_that_the_law_lets_go_back(client, order):
    send(client, order, everything="on")
    declared = dict(WithdrawalLine.objects.values_list("order_line__product_name", "quantity"))
    assert declared == {"Miel de lavande": 2, "Savon <b>doux</b>": 2}


def test_exceptions_stand_there_with_their_reason_and_cannot_be_chosen(client, order):
    page = client.get(url(order)).content.decode()
    assert "Produit périssable" in page
    assert line_field(order, "Reblochon") not in page
    assert "tant que le scellé est intact" in page
    assert "<b>doux</b>" not in page
    send(client, order, **{line_field(order): "1", line_field(order, "Reblochon"): "1"})
    assert list(WithdrawalLine.objects.values_list("order_line__product_name", flat=True)) == ["Miel de lavande"]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"line": "3"},
        {"line": "-1"},
        {"line": "x"},
        {"line": "9" * 30},
        {"line": "1", "name": ""},
        {"line": "1", "email": "non"},
        {"line": "1", "key": "x"},
        {"line": "1", "name": "x" * 500},
    ],
)
@pytest.mark.parametrize("step", ["review", "confirm"])
def test_what_is_wrong_is_said_and_kept(client, order, changed, step):
    named = {line_field(order) if name == "line" else name: value for name, value in changed.items()}
    answer = client.post(url(order), fields_of(client.get(url(order))) | named | {"step": step})
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert not Withdrawal.objects.exists()
    assert all(value in answer.content.decode() for value in named.values())


def test_a_second_click_and_a_reload_declare_once(client, order):
    form = fields_of(client.get(url(order))) | {line_field(order): "2", "step": "confirm"}
    first, second = [client.post(url(order), form) for _click in range(2)]
    assert first.url == second.url
    assert Withdrawal.objects.count() == len(mail.outbox) == 1


def test_what_another_browser_has_withdrawn_is_not_left(client, order):
    form = fields_of(client.get(url(order))) | {line_field(order): "2", "step": "confirm"}
    send(Client(), order, **{line_field(order): "1"})
    answer = client.post(url(order), form)
    assert answer.status_code == 422
    assert Withdrawal.objects.count() == 1


def test_a_late_declaration_is_refused_with_its_date(client, order):
    form = fields_of(client.get(url(order))) | {line_field(order): "1", "step": "confirm"}
    order.closed_at = timezone.now() - timedelta(days=60)
    order.save()
    for answer, status in ((client.post(url(order), form), 409), (client.get(url(order)), 200)):
        assert answer.status_code == status
        assert re.search(r"vous aviez jusqu’au \d+ \w+ \d{4}", answer.content.decode())
    assert not Withdrawal.objects.exists()


def test_where_nobody_noted_the_delivery_it_is_open_and_the_page_says_so(client):
    order = OrderFactory(status="SHIPPED", paid_at=timezone.now(), shipped_at=timezone.now() - timedelta(days=90))
    assert "que nous n’avons pas encore notée" in client.get(url(order)).content.decode()
    assert send(client, order, everything="on")[1].status_code == 303


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_way_leads_there(client, order, language):
    customer = Client()
    order.user = UserFactory()
    order.save()
    customer.force_login(order.user)
    with override(language):
        pages = [
            client.get(reverse("storefront:order", args=[order.access_token])),
            *[customer.get(reverse(f"storefront:{name}")) for name in ("account_orders", "withdrawal_entrance")],
            customer.get(reverse("storefront:account_order", args=[order.number])),
        ]
        entrance = reverse("storefront:withdrawal_entrance")
    for page in pages:
        text = page.content.decode()
        assert f'href="{url(order, language)}"' in text.partition("<main")[2].partition("<footer")[0]
        assert HERE[language] in text
        assert f'href="{entrance}"' in text.partition("<footer")[2]


def test_once_the_period_is_over_the_order_does_not_offer_it(client, order):
    order.closed_at = timezone.now() - timedelta(days=60)
    order.save()
    page = client.get(reverse("storefront:order", args=[order.access_token])).content.decode()
    assert url(order) not in page


def test_a_guest_gets_the_link_by_number_and_e_mail_alone(client, order, django_capture_on_commit_callbacks):
    page = client.get(reverse("storefront:withdrawal_entrance"))
    assert 'action="/suivre-une-commande/"' in page.content.decode()
    client.post("/suivre-une-commande/", {"number": order.number, "email": order.email})
    [sent] = mail.outbox
    assert url(order) in sent.body
    assert HERE["fr"] in sent.body


def test_the_acknowledgement_is_of_this_order(client, order):
    other = WithdrawalFactory()
    assert client.get(reverse("storefront:withdrawal", args=[order.access_token, other.pk])).status_code == 404
    assert client.get(reverse("storefront:withdrawal", args=["x", other.pk])).status_code == 404
    page = client.get(reverse("storefront:withdrawal", args=[other.order.access_token, other.pk]))
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "private, no-store"


def test_costs_the_same_with_thirty_lines(client, django_assert_max_num_queries):
    client.get(reverse("storefront:withdrawal_entrance"))
    for count in (3, 30):
        order = OrderFactory(status="SHIPPED", paid_at=timezone.now(), lines=[])
        for _line in range(count):
            OrderLineFactory(order=order, variant=VariantFactory())
        with django_assert_max_num_queries(7):
            client.get(url(order))
        answer = send(client, order, everything="on")[1]
        with django_assert_max_num_queries(7):
            client.get(answer.url)
