"""Orders put right: contact, tracking, notes."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.order_desk import offered_verbs
from apps.backoffice.services.groups import sync_groups
from apps.common.models import OutboxEmail
from apps.orders.models import Order
from apps.orders.services import Contact, CorrectionRefused, correct_contact
from apps.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db
Status = Order.Status


@pytest.fixture
def staff(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Commandes"))
    client.force_login(user)
    return user


@pytest.fixture
def order():
    return OrderFactory(status=Status.CONFIRMED, email="camile@exemple.fr", postcode="69002", delivery_kind="HOME")


def press(client, order, verb, **data):
    return client.post(reverse("admin:orders_order_verb", args=[order.pk, verb]), data, follow=True)


def contact_of(client, order) -> dict[str, str]:
    page = client.get(reverse("admin:orders_order_verb", args=[order.pk, "contact"]))
    return {name: str(value) for name, value in page.context["form"].initial.items()}


def kinds(order) -> list[str]:
    return list(OutboxEmail.objects.filter(object_id=order.pk).values_list("kind", flat=True))


def test_a_misspelt_address_is_corrected_and_the_customer_gets_the_link(client, staff, order):
    given = contact_of(client, order) | {"line1": "12 rue des Tanneurs", "email": "camille@exemple.fr"}
    page = press(client, order, "contact", **given)
    assert "sont enregistrées" in page.content.decode()
    order.refresh_from_db()
    assert (order.line1, order.email) == ("12 rue des Tanneurs", "camille@exemple.fr")
    event = order.events.latest("pk")
    assert (event.actor, event.to_status) == (staff, "")
    assert event.note == "Corrigé : adresse, adresse e-mail"
    assert kinds(order) == ["order_link"]


def test_what_did_not_change_leaves_no_trace(client, staff, order):
    press(client, order, "contact", **contact_of(client, order))
    assert not order.events.exists()
    assert kinds(order) == []


def test_a_colleague_is_not_overwritten(client, staff, order):
    given = contact_of(client, order)
    Order.objects.filter(pk=order.pk).update(line1="1 place Bellecour")
    page = press(client, order, "contact", **(given | {"city": "Lyon 2"}))
    assert "pendant votre saisie" in page.content.decode()
    order.refresh_from_db()
    assert (order.line1, order.city == "Lyon 2") == ("1 place Bellecour", False)


def test_a_correction_made_between_page_and_lock_is_seen(order):
    contact = Contact.of(order)

    Order.objects.filter(pk=order.pk).update(city="Villeurbanne")
    stale = replace(contact, line1="3 rue Neuve")
    with pytest.raises(CorrectionRefused):
        correct_contact(order=order, contact=stale, seen=contact.version, by=StaffFactory(), now=timezone.now())
    order.refresh_from_db()
    assert (order.city, order.line1) == ("Villeurbanne", contact.line1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"postcode": "97400"}, "France métropolitaine"),
        ({"postcode": ""}, "nécessaires à la livraison"),
        ({"phone": "douze"}, "n’en est pas un"),
        ({"email": "camille"}, "e-mail"),
    ],
)
def test_what_cannot_be_right_is_said_and_nothing_is_lost(client, staff, order, change, sentence):
    answer = press(client, order, "contact", **(contact_of(client, order) | {"line1": "3 rue Neuve"} | change))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert 'value="3 rue Neuve"' in page
    order.refresh_from_db()
    assert order.line1 != "3 rue Neuve"


def test_the_address_of_a_parcel_that_left_stays_and_its_telephone_does_not(client, staff, order):
    Order.objects.filter(pk=order.pk).update(status=Status.SHIPPED)
    given = contact_of(client, order)
    assert "est parti" in press(client, order, "contact", **(given | {"line1": "3 rue Neuve"})).content.decode()
    press(client, order, "contact", **(given | {"phone": "04 72 00 00 00"}))
    order.refresh_from_db()
    assert order.phone == "04 72 00 00 00"


def test_tracking_is_corrected_and_sent_again(client, staff, order):
    Order.objects.filter(pk=order.pk).update(status=Status.SHIPPED, tracking_number="6A12")
    press(client, order, "tracking", tracking_number="6A123", tracking_url="", notifies="on")
    order.refresh_from_db()
    assert order.tracking_number == "6A123"
    assert kinds(order) == ["order_shipped"]
    press(client, order, "tracking", tracking_number="6A124", tracking_url="")
    assert kinds(order) == ["order_shipped"]


def test_a_note_is_for_the_team_alone(client, staff, order):
    press(client, order, "note", text="Rappeler Mme Petit avant de partir")
    assert order.events.latest("pk").note == "Rappeler Mme Petit avant de partir"
    history = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert "Rappeler Mme Petit" in history
    own = client.get(reverse("storefront:order", args=[order.access_token])).content.decode()
    assert "Rappeler" not in own


def test_an_erased_order_has_nothing_to_correct(staff, order):
    order.anonymised_at = timezone.now()
    names = {verb.name for verb in offered_verbs(order, staff)}
    assert "contact" not in names
    assert "note" in names
