"""A session that ends while a form is being filled in: nothing that was typed is lost."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from apps.accounts.models import Address
from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.catalogue.models import Brand

pytestmark = pytest.mark.django_db
BRAND = "/admin/catalogue/brand/add/"


def fields_of(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {unescape(name): unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_in_the_office_the_form_is_sent_again_after_the_login():
    user = StaffFactory(is_superuser=True)
    client = Client()
    client.force_login(user)
    typed = {"name": "Ferme « Œuf & Cie »", "slug": "ferme", "_save": "Enregistrer", "password": "caché"}
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        answer = client.post(BRAND, typed)
        page = answer.content.decode()
        assert answer.status_code == 403
        assert "no-store" in answer["Cache-Control"]
        assert "caché" not in page
        fields = fields_of(page)
        assert fields == {name: value for name, value in typed.items() if name != "password"}
        assert not Brand.objects.exists()
        assert reverse("admin:login") in page
        # Not logged in yet: the same page again.
        assert fields_of(client.post(BRAND, fields).content.decode()) == fields
        client.post(reverse("admin:login"), {"username": user.email, "password": "un mot de passe solide"})
        assert client.post(BRAND, fields).status_code == 302
    assert Brand.objects.get().name == "Ferme « Œuf & Cie »"


def test_in_the_shop_too(client):
    typed = {"recipient": "Camille Martin", "line1": "12 rue <b>des</b> Halles", "postcode": "69002", "city": "Lyon"}
    answer = client.post(reverse("storefront:address_create"), {**typed, "country": "FR"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert fields_of(page) == {**typed, "country": "FR"}
    assert "<b>des</b>" not in page
    client.force_login(UserFactory())
    assert client.post(reverse("storefront:address_create"), fields_of(page)).status_code in (302, 303)
    assert Address.objects.get().city == "Lyon"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_in_each_language_of_the_shop(client, language):
    with translation.override(language):
        answer = client.post(reverse("storefront:address_create"), {"recipient": "Camille Martin"})
    assert answer.status_code == 403
    assert "Camille Martin" in answer.content.decode()


def test_who_is_no_more_of_the_team_loses_nothing_either(client):
    """Or a shopper in the same browser: logged in, but not as staff."""
    client.force_login(UserFactory())
    answer = client.post(BRAND, {"name": "Ferme"})
    assert answer.status_code == 403
    assert fields_of(answer.content.decode()) == {"name": "Ferme"}


def test_files_that_must_be_chosen_again_are_named(client):
    picture = SimpleUploadedFile("étiquette.jpg", b"x", "image/jpeg")
    page = client.post(BRAND, {"name": "Ferme", "logo": picture}).content.decode()
    assert "étiquette.jpg" in page


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        ({}, {}),
        ({"csrfmiddlewaretoken": "x"}, {}),
        ({"password1": "caché"}, {}),
        ({"name": "x"}, {"Sec-Fetch-Mode": "cors"}),
    ],
)
def test_a_button_and_a_script_are_led_to_the_login_as_before(client, data, headers):
    answer = client.post(BRAND, data, headers=headers)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("admin:login"))


def test_a_wrong_login_is_not_offered_again(client):
    answer = client.post(reverse("admin:login"), {"username": "x@exemple.fr", "password": "caché"})
    assert answer.status_code == 200
