"""A passkey in a real browser, with an authenticator that Chromium plays."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from playwright.sync_api import expect

from apps.accounts.tests.factories import UserFactory

pytestmark = pytest.mark.browser
PASSWORD = "un mot de passe solide"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


def test_adds_a_key_and_logs_in_with_it_alone(page, assert_accessible):
    cache.clear()
    user = UserFactory(email="camille@exemple.fr")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    page.goto("/compte/connexion/")
    page.get_by_label("Adresse e-mail").fill(user.email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url("**/compte/")

    page.goto("/compte/double-authentification/")
    assert_accessible(page)
    page.get_by_role("link", name="Ajouter une clé").click()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    assert_accessible(page)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Nom de la clé").fill("Mon ordinateur")
    assert_accessible(page)
    page.get_by_role("button", name="Ajouter", exact=True).click()
    page.wait_for_url("**/codes-de-recuperation/")
    assert_accessible(page)
    page.goto("/compte/cles/")
    expect(page.get_by_role("heading", name="Mon ordinateur")).to_be_visible()
    assert_accessible(page)

    page.goto("/compte/deconnexion/")
    with page.expect_navigation():
        page.get_by_role("button", name="Se déconnecter").click()
    page.goto("/compte/connexion/")
    page.get_by_role("button", name="clé d’accès").click()
    page.wait_for_url("**/compte/")
    expect(page.get_by_role("heading", name="Bonjour Camille")).to_be_visible()
