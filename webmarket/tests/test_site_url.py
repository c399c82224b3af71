"""Absolute links begin with SITE_URL, whatever the request's host and port."""

import re
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.catalogue.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db
SITE = "https://boutique.exemple"
BY_ANOTHER_PORT = {"HTTP_HOST": "localhost:6666"}
PASSWORD = "un mot de passe solide"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = SITE


def customer():
    user = UserFactory(email="camille@exemple.fr")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def request_reset(client):
    customer()
    client.post(reverse("account_reset_password"), {"email": "camille@exemple.fr"}, **BY_ANOTHER_PORT)


def request_reset_of_nobody(client):
    client.post(reverse("account_reset_password"), {"email": "personne@exemple.fr"}, **BY_ANOTHER_PORT)


def sign_up(client):
    data = {"email": "nouveau@exemple.fr", "password1": PASSWORD}
    client.post(reverse("account_signup"), data, **BY_ANOTHER_PORT)


def sign_up_again(client):
    customer()
    client.post(reverse("account_signup"), {"email": "camille@exemple.fr", "password1": PASSWORD}, **BY_ANOTHER_PORT)


def change_email(client):
    client.force_login(customer())
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD}, **BY_ANOTHER_PORT)
    data = {"email": "autre@exemple.fr", "action_add": ""}
    client.post(reverse("account_email"), data, **BY_ANOTHER_PORT)


@pytest.mark.parametrize(
    "action",
    [request_reset, request_reset_of_nobody, sign_up, sign_up_again, change_email],
    ids=lambda action: action.__name__,
)
def test_links_in_messages(client, action, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        action(client)
    assert mail.outbox
    for message in mail.outbox:
        text = message.body + "".join(each.content for each in message.alternatives)
        assert "6666" not in text
        assert "localhost" not in text
        assert SITE + "/" in text


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-produits-fr.xml", "/sitemap-pages-en.xml", "/robots.txt"])
def test_what_crawlers_read(client, path):
    ProductFactory()
    text = client.get(path, **BY_ANOTHER_PORT).content.decode()
    urls = re.findall(r"https?://[^\s<]+", text.replace("http://www.sitemaps.org", ""))
    assert urls
    assert all(each.startswith(SITE + "/") or "w3.org" in each for each in urls), urls


@pytest.mark.parametrize("path", ["/", "/en/", "/compte/connexion/", "/contact/"])
def test_pages(client, path):
    page = client.get(path, **BY_ANOTHER_PORT).content.decode()
    assert "6666" not in page


def test_a_product_has_a_canonical_url(client):
    product = ProductFactory()
    page = client.get(reverse("storefront:product", args=[product.slug]), **BY_ANOTHER_PORT).content.decode()
    assert "6666" not in page
    assert SITE in page


def test_the_moderators_lines_for_other_sites(client):
    client.force_login(StaffFactory(is_superuser=True))
    page = client.get(reverse("admin:comments_comment_moderation"), **BY_ANOTHER_PORT).content.decode()
    assert "localhost:6666" not in page


def test_no_other_code_uses_the_requests_host():
    """`get_host` is used for CSRF only; links begin with SITE_URL."""
    found = []
    for folder in ("apps", "webmarket"):
        for path in sorted(Path(settings.BASE_DIR, folder).rglob("*")):
            if path.suffix not in (".py", ".html", ".txt", ".xml") or "tests" in path.parts:
                continue
            text = path.read_text()
            if re.search(r"build_absolute_uri|get_current_site|RequestSite|request\.get_host|request\.scheme", text):
                found.append(str(path.relative_to(settings.BASE_DIR)))
    assert found == ["apps/common/middleware/cross_site_writes.py", "apps/storefront/page_cache.py"]
