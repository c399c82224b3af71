"""Screens of staff show words: no code, no English, no raw value."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.checkout.tests.factories import placed_order
from apps.orders.emails import OrderEmail
from apps.orders.models import Order
from apps.orders.tests.factories import OrderEmailFactory
from apps.payments.services import receive_payment


@pytest.fixture
def staff(client, db):
    user = StaffFactory(is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def order(staff):
    order = placed_order().order
    receive_payment(order=order, by=staff, now=timezone.now())
    return order


def text(client, name: str, *args, **query) -> str:
    return client.get(reverse(f"admin:{name}", args=args), query).content.decode()


def test_an_order_tells_its_events_and_payments_in_words(client, order):
    page = text(client, "orders_order_change", order.pk)
    # Codes stand in values of forms and addresses; not between tags.
    assert "commande confirmée" in page
    for code in (*Order.Status.values, *OrderEmail.values, "bank_transfer", "demo_card"):
        assert f">{code}<" not in page.replace(" ", "").replace("\n", "")
        assert f"{code} →" not in page
        assert f"→ {code}" not in page
        # As keys of the outbox begin.
        assert f"{code}-" not in page


def test_filters_name_means_of_payment_and_delivery(client, order):
    response = client.get(reverse("admin:orders_order_changelist"))
    choices = {
        str(choice["display"])
        for spec in response.context["cl"].filter_specs
        for choice in spec.choices(response.context["cl"])
    }
    assert not choices & {"HOME", "IN_STORE", "PICKUP_POINT", "bank_transfer", "demo_card", "on_collection"}
    assert order.delivery_kind not in choices


def test_the_history_of_an_order_is_its_events(client, order):
    response = client.get(reverse("admin:orders_order_history", args=[order.pk]))
    assert response["Location"].endswith(f"/{order.pk}/change/#events")


def test_the_state_of_a_message_is_a_word(client, order):
    sent = OrderEmailFactory(order=order, status="SENT")
    page = text(client, "common_outboxemail_change", sent.pk)
    assert "('SENT'" not in page
    assert "&#x27;SENT&#x27;" not in page
    assert sent.get_status_display() in page


@pytest.mark.parametrize(
    ("page", "entry"),
    [
        ("comments_comment_moderation", "Modération"),
        ("comments_comment_changelist", "Commentaires"),
        ("person", "Tout sur une personne"),
        ("accounts_user_changelist", "Clients"),
        ("operations_dead_letters", "Lettres mortes"),
        ("catalogue_product_add", "Produits"),
        ("index", "Tableau de bord"),
    ],
)
def test_one_entry_of_the_menu_is_open(client, staff, page, entry):
    context = client.get(reverse(f"admin:{page}")).context
    entries = [item for group in context["sidebar_navigation"] for item in group["items"]]
    assert [str(item["title"]) for item in entries if item["active"]] == [entry]


def test_an_empty_list_gives_advice_that_holds(client, staff):
    page = text(client, "orders_order_changelist")
    assert "Rien ici pour l’instant." in page
    assert "effacez les filtres" not in page
    assert "Rien ne correspond." in text(client, "orders_order_changelist", q="inconnu")


def test_what_is_held_of_a_person_is_in_words(client, order):
    page = client.post(reverse("admin:person"), {"email": order.email}).content.decode()
    for code in ("tracking_number", "withdrawal_exception", "CONFIRMED", "AWAITING_PAYMENT", "bank_transfer"):
        assert code not in page
