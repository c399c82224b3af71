"""Sign-up, verification, login and reset; none reveals which e-mail addresses have an account."""

import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import override

from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db
PASSWORD = "un mot de passe solide"


@pytest.fixture(autouse=True)
def fresh_limits(db):
    cache.clear()


@pytest.fixture
def deliver_mail(django_capture_on_commit_callbacks):
    """E-mails leave after commit: run what a request leaves to do."""

    def run(call):
        with django_capture_on_commit_callbacks(execute=True):
            return call()

    return run


def customer(email="camille@exemple.fr", *, verified=True, **fields) -> User:
    user = UserFactory(email=email, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def login(client, email="camille@exemple.fr", password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def confirm_password(client):
    """What changes an account is asked for again, even right after login."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def link_in(message) -> str:
    return re.search(r"https?://[^/]+(/\S+)", message.body)[1]


PAGES = ["account_login", "account_signup", "account_reset_password", "account_email_verification_sent"]


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_ours(client, name):
    page = client.get(reverse(name)).content.decode()
    assert "storefront/shop.css" in page
    assert "<h1>" in page
    assert 'style="' not in page
    assert "placeholder" not in page.partition("<main")[2]


def test_sign_up_is_confirmed_by_e_mail(client, deliver_mail):
    data = {"first_name": "Camille", "email": "Camille@exemple.fr", "password1": PASSWORD}
    answer = deliver_mail(lambda: client.post(reverse("account_signup"), data))
    assert answer.url == reverse("account_email_verification_sent")
    user = User.objects.get()
    assert (user.email, user.first_name, user.language) == ("camille@exemple.fr", "Camille", "fr")
    assert login(client, password=PASSWORD).url == reverse("account_email_verification_sent")
    [message] = mail.outbox[:1]
    assert "Confirmer mon adresse" in message.alternatives[0].content
    link = link_in(message)
    assert client.get(link).status_code == 200
    assert not EmailAddress.objects.get().verified
    client.post(link)
    assert EmailAddress.objects.get().verified


def test_a_confirmed_address_brings_its_guest_orders(client, deliver_mail):
    order = OrderFactory(email="Camille@exemple.fr")
    stranger = OrderFactory(email="autre@exemple.fr")
    deliver_mail(lambda: client.post(reverse("account_signup"), {"email": "camille@exemple.fr", "password1": PASSWORD}))
    order.refresh_from_db()
    assert order.user is None
    client.post(link_in(mail.outbox[0]))
    order.refresh_from_db()
    stranger.refresh_from_db()
    assert order.user == User.objects.get()
    assert stranger.user is None


def test_signing_up_with_a_known_address_looks_the_same(client, deliver_mail):
    customer()
    data = {"email": "camille@exemple.fr", "password1": PASSWORD}
    answer = deliver_mail(lambda: client.post(reverse("account_signup"), data))
    assert answer.url == reverse("account_email_verification_sent")
    assert User.objects.count() == 1
    assert "déjà un compte" in mail.outbox[0].subject


def test_a_weak_password_is_refused_in_french(client):
    page = client.post(reverse("account_signup"), {"email": "a@exemple.fr", "password1": "123"}).content.decode()
    assert "trop court" in page
    assert not User.objects.exists()


def test_logs_in_and_out(client):
    customer()
    assert login(client).url == reverse("storefront:account")
    assert client.get(reverse("storefront:account")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("storefront:account")).status_code == 302


def test_a_page_of_the_account_is_shown_after_login(client):
    customer()
    wanted = reverse("storefront:addresses")
    answer = client.get(wanted)
    assert answer.url == f"{reverse('account_login')}?next={wanted}"
    answer = client.post(answer.url, {"login": "camille@exemple.fr", "password": PASSWORD, "next": wanted})
    assert answer.url == wanted


def test_a_wrong_password_and_an_unknown_address_look_the_same(client):
    customer()
    wrong = login(client, password="tout autre chose").content.decode()
    unknown = login(client, email="personne@exemple.fr").content.decode()

    def main(page):
        return re.sub(r'value="[^"]*"', "", page.partition("<main")[2])

    assert main(wrong) == main(unknown)


def test_the_admin_locks_out_after_failed_logins(client):
    staff = StaffFactory()
    url = reverse("admin:login")
    for _attempt in range(5):
        answer = client.post(url, {"username": staff.email, "password": "non"})
    assert answer.status_code == 429
    assert client.post(url, {"username": staff.email, "password": PASSWORD}).status_code == 429
    customer(email="autre@exemple.fr")
    assert login(client, email="autre@exemple.fr").status_code == 302


def test_resets_a_password_by_e_mail_in_the_language_of_the_account(client, deliver_mail):
    customer(language="fr")
    deliver_mail(lambda: client.post(reverse("account_reset_password"), {"email": "camille@exemple.fr"}))
    [message] = mail.outbox
    assert message.subject == "Choisir un nouveau mot de passe"
    form = client.get(link_in(message), follow=True)
    new = {"password1": "encore plus solide qu’avant", "password2": "encore plus solide qu’avant"}
    deliver_mail(lambda: client.post(form.redirect_chain[-1][0], new))
    assert User.objects.get().check_password("encore plus solide qu’avant")
    assert "Mot de passe remplacé" in [message.subject for message in mail.outbox]


def test_resetting_an_unknown_address_looks_the_same(client, deliver_mail):
    answer = deliver_mail(lambda: client.post(reverse("account_reset_password"), {"email": "non@exemple.fr"}))
    assert answer.url == reverse("account_reset_password_done")
    assert mail.outbox[0].subject == "Aucun compte à cette adresse"


@pytest.mark.parametrize("key", ["x", "MTA:abc:def", "%00", "é" * 50])
def test_a_spoiled_confirmation_link_is_explained(client, key):
    answer = client.get(reverse("account_confirm_email", args=["KEY"]).replace("KEY", key))
    assert answer.status_code in (200, 400)


def test_no_cookie_before_the_way_in(client):
    client.get(reverse("storefront:contact"))
    assert "sessionid" not in client.cookies


MANAGE = [
    "account_email",
    "account_change_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "account_logout",
    "account_reauthenticate",
]


@pytest.mark.parametrize("name", MANAGE)
def test_pages_of_the_account_are_ours(client, name):
    customer()
    login(client)
    confirm_password(client)
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "storefront/shop.css" in page
    assert 'style="' not in page
    assert "Not used" not in page


def test_changing_the_address_waits_for_its_confirmation(client, deliver_mail):
    user = customer()
    login(client)
    confirm_password(client)
    deliver_mail(lambda: client.post(reverse("account_email"), {"email": "nouvelle@exemple.fr", "action_add": ""}))
    user.refresh_from_db()
    assert user.email == "camille@exemple.fr"
    page = client.get(reverse("account_email")).content.decode()
    assert 'style="' not in page
    client.post(link_in(next(message for message in mail.outbox if message.to == ["nouvelle@exemple.fr"])))
    user.refresh_from_db()
    assert user.email == "nouvelle@exemple.fr"


@pytest.mark.parametrize(
    ("verified", "sentence"), [(True, "nouvelle@exemple.fr"), (False, "Cette adresse a déjà un compte.")]
)
def test_an_address_that_has_an_account_is_not_taken_over_by_its_confirmation(client, deliver_mail, verified, sentence):
    customer("nouvelle@exemple.fr", verified=verified)
    user = customer()
    login(client)
    confirm_password(client)
    deliver_mail(lambda: client.post(reverse("account_email"), {"email": "nouvelle@exemple.fr", "action_add": ""}))
    link = link_in(next(message for message in mail.outbox if message.to == ["nouvelle@exemple.fr"]))
    answer = client.post(link, follow=True)
    assert answer.status_code == 200
    assert sentence in strip_tags(answer.content.decode())
    user.refresh_from_db()
    assert user.email == "camille@exemple.fr"
    assert list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)) == [user.email]


@pytest.mark.parametrize(
    ("language", "heading"),
    [("fr", "Relier une application d’authentification"), ("en", "Connect an authenticator app")],
)
def test_the_second_factor_speaks_like_the_shop(client, language, heading):
    customer()
    login(client)
    confirm_password(client)
    with override(language):
        page = client.get(reverse("mfa_activate_totp")).content.decode()
    assert f"<h1>{heading}</h1>" in page
    main = strip_tags(page.partition("<main")[2].partition("</main>")[0])
    assert "'" not in main
    assert "Authenticator" not in main


# A code is good for a moment: on a slow machine the next one had begun.
@time_machine.travel("2026-11-27T10:00:00Z", tick=False)
def test_the_second_factor_takes_a_code_as_the_application_shows_it(client):
    user = customer()
    login(client)
    confirm_password(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    # Typed from the screen where there is no camera.
    assert f"<code>{secret[:4]} {secret[4:8]} " in page.content.decode()
    code = f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06d}"
    answer = client.post(reverse("mfa_activate_totp"), {"code": f"{code[:3]}\u202f{code[3:]}"})
    assert answer.status_code == 302
    for name in ("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        page = client.get(reverse(name)).content.decode()
        assert f'href="{reverse("mfa_index")}" aria-current="page"' in page
        assert "'" not in strip_tags(page.partition("<main")[2].partition("</main>")[0])
    client.logout()
    assert login(client)["Location"] == reverse("mfa_authenticate")
    page = client.get(reverse("mfa_authenticate")).content.decode()
    assert "'" not in strip_tags(page.partition("<main")[2].partition("</main>")[0].partition("<script")[0])
    assert 'id="webauthn_form"' not in page, "a key is offered to who has one"
    assert user.authenticator_set.exists()


def test_confirming_the_address_says_one_thing(client, deliver_mail):
    entry = {"email": "neuf@exemple.fr", "password1": PASSWORD}
    deliver_mail(lambda: client.post(reverse("account_signup"), entry, follow=True))
    page = client.post(link_in(mail.outbox[0]), follow=True).content.decode()
    assert len(re.findall(r'<div class="notice.*?</div>', page)) == 1, re.findall(r'<div class="notice.*?</div>', page)
