import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from apps.accounts.invitations import AccountExists
from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.common.tests.races import of_kind, race
from apps.prospects import services
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def card():
    stages = make_stages()
    stages["gagne"].outcome = "WON"
    stages["gagne"].save()
    return ProspectFactory(email="lea@exemple.fr", phone="0612345678")


def convert(card, version=1, link_account=None):
    return services.convert_prospect(
        prospect_id=card.pk,
        version=version,
        link_account=link_account,
        by=services.Author(name="Camille"),
        now=timezone.now(),
    )


def test_opens_an_account_whose_owner_chooses_the_password(card, client):
    converted = convert(card)
    user = User.objects.get(email="lea@exemple.fr")
    assert (converted.customer, converted.stage.code, user.has_usable_password()) == (user, "gagne", False)
    assert card.events.get().kind == "CONVERTED"
    (message,) = mail.outbox
    assert message.to == ["lea@exemple.fr"]
    (url,) = re.findall(r"https?://[^/\s]+(/compte/\S+)", message.body)
    form = client.get(url, follow=True)
    password = "un mot de passe solide"
    client.post(form.redirect_chain[-1][0], {"password1": password, "password2": password})
    user.refresh_from_db()
    assert user.check_password(password)


def test_an_existing_account_is_linked_only_when_it_is_named_and_is_never_changed(card):
    user = UserFactory(email="lea@exemple.fr", first_name="Autre")
    before = User.objects.values().get(pk=user.pk)
    with pytest.raises(AccountExists) as refusal:
        convert(card)
    assert refusal.value.details["user"] == user
    card.refresh_from_db()
    assert (card.customer, card.stage.code, card.version) == (None, "nouveau", 1)
    assert convert(card, link_account=user.pk).customer == user
    assert User.objects.values().get(pk=user.pk) == before
    assert not mail.outbox


def test_an_account_that_proved_to_own_the_address_is_the_one(card):
    user = UserFactory()
    EmailAddress.objects.create(user=user, email="lea@exemple.fr", verified=True)
    with pytest.raises(AccountExists):
        convert(card)


@pytest.mark.parametrize("make", [StaffFactory, lambda **fields: UserFactory(is_active=False, **fields)])
def test_neither_the_team_nor_a_closed_account_is_linked(card, make):
    user = make(email="lea@exemple.fr")
    with pytest.raises(services.ConversionRefused):
        convert(card, link_account=user.pk)


def test_a_customer_is_not_made_twice(card):
    convert(card)
    with pytest.raises(services.ConversionRefused):
        convert(card, version=2)


@pytest.mark.mysql
def test_of_two_who_convert_at_once_one_wins(card):
    answers = race(*[lambda: convert(card)] * 3)
    assert len(of_kind(answers, services.StaleVersion)) == 2
    assert User.objects.filter(email="lea@exemple.fr").count() == 1
    assert len(mail.outbox) <= 1


@pytest.mark.mysql
def test_two_cards_of_one_address_make_one_account(card):
    twin = ProspectFactory(email="lea@exemple.fr")
    answers = race(lambda: convert(card), lambda: convert(twin))
    assert len(of_kind(answers, AccountExists)) == 1
    assert User.objects.filter(email="lea@exemple.fr").count() == 1


def test_the_page_names_the_account_before_it_is_linked(card, client):
    user = UserFactory(email="lea@exemple.fr", first_name="Léa", last_name="Ancienne")
    client.force_login(StaffFactory(is_superuser=True))
    url = reverse("admin:prospects_card_convert", args=[card.pk])
    assert "Léa Ancienne" in client.get(url).content.decode()
    assert client.post(url, {"version": 1}).status_code == 409
    assert client.post(url, {"version": "x", "account": "²"}).status_code == 409
    assert client.post(url, {"version": 1, "account": user.pk}).status_code == 302
