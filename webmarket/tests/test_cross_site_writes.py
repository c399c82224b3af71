import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, _get_new_csrf_string, _mask_cipher_secret
from django.test import Client, RequestFactory
from django.urls import path
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from apps.common.middleware.cross_site_writes import CrossSiteWriteProtection, Provenance
from apps.storefront.views.errors import write_refused
from webmarket import urls as shop


def write(request):
    return HttpResponse("written: " + request.POST.get("text", ""))


urlpatterns = [
    path("write/", write),
    path("protected/", csrf_protect(write)),
    path("webhook/", csrf_exempt(write)),
    *shop.urlpatterns,
]
pytestmark = pytest.mark.usefixtures("own_urls")

OURS, FOREIGN, UNKNOWN = Provenance.OURS, Provenance.FOREIGN, Provenance.UNKNOWN
TABLE = [
    # Sec-Fetch-Site, Origin, verdict for the host boutique.example
    ("same-origin", "https://boutique.example", OURS),
    ("same-origin", None, OURS),
    ("same-origin", "null", OURS),
    ("none", None, OURS),
    ("same-site", "https://blog.boutique.example", FOREIGN),
    ("cross-site", "https://pirate.example", FOREIGN),
    ("cross-site", "https://boutique.example", FOREIGN),
    ("cross-site", None, FOREIGN),
    ("cross-site", "null", FOREIGN),
    ("cross-site", "https://partenaire.example", OURS),
    ("same-site", "https://partenaire.example", OURS),
    ("SAME-ORIGIN", None, FOREIGN),
    ("nonsense", None, FOREIGN),
    (None, "https://boutique.example", OURS),
    (None, "http://boutique.example", OURS),
    (None, "https://partenaire.example", OURS),
    (None, "https://boutique.example:8443", FOREIGN),
    (None, "https://boutique.example.pirate.example", FOREIGN),
    (None, "https://pirate.example", FOREIGN),
    (None, "https://partenaire.example:444", FOREIGN),
    (None, "https://[", FOREIGN),
    (None, "boutique.example", FOREIGN),
    (None, "https://boutique.example@pirate.example", FOREIGN),
    (None, "null", UNKNOWN),
    (None, "", UNKNOWN),
    ("", None, UNKNOWN),
    (None, None, UNKNOWN),
]


def headers(site, origin):
    return {name: value for name, value in (("Sec-Fetch-Site", site), ("Origin", origin)) if value is not None}


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.ALLOWED_HOSTS = ["boutique.example"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://partenaire.example"]


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True, headers={"Host": "boutique.example"})


@pytest.mark.parametrize(("site", "origin", "verdict"), TABLE)
def test_reads_where_a_request_comes_from(site, origin, verdict):
    request = RequestFactory().post("/", headers={"Host": "boutique.example"} | headers(site, origin))
    assert CrossSiteWriteProtection(lambda request: None).provenance(request) is verdict


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize(("site", "origin", "verdict"), TABLE)
def test_lets_through_only_our_own_writes(browser, method, site, origin, verdict):
    response = getattr(browser, method)("/write/", headers=headers(site, origin))
    assert response.status_code == (200 if verdict is OURS else 403)


@pytest.mark.parametrize("method", ["get", "head", "options"])
@pytest.mark.parametrize(("site", "origin", "verdict"), TABLE)
def test_reading_is_open_to_links_from_anywhere(browser, method, site, origin, verdict):
    assert getattr(browser, method)("/write/", headers=headers(site, origin)).status_code == 200


def test_the_port_of_the_host_counts():
    browser = Client(enforce_csrf_checks=True, headers={"Host": "boutique.example:8000"})
    assert browser.post("/write/", headers={"Origin": "http://boutique.example:8000"}).status_code == 200
    assert browser.post("/write/", headers={"Origin": "http://boutique.example"}).status_code == 403


def test_django_s_own_decorator_agrees(browser):
    assert browser.post("/protected/", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert browser.post("/protected/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(("site", "origin", "verdict"), TABLE)
def test_a_webhook_is_reached_from_anywhere(browser, site, origin, verdict):
    assert browser.post("/webhook/", headers=headers(site, origin)).status_code == 200


def test_session_authentication_of_an_api_gets_the_same_answer():
    """rest_framework's SessionAuthentication runs CsrfViewMiddleware.process_view on an exempt view."""
    for site, refused in (("same-origin", False), ("cross-site", True)):
        request = RequestFactory(headers={"Host": "boutique.example", "Sec-Fetch-Site": site}).post("/")
        CrossSiteWriteProtection(lambda request: None).process_view(request, csrf_exempt(write), (), {})
        answer = CsrfViewMiddleware(lambda request: None).process_view(request, write, (), {})
        assert (answer is not None) == refused


def test_a_page_with_a_form_sets_no_cookie(browser, db):
    assert not browser.get("/").cookies


class TestABrowserThatSendsNeitherHeader:
    def test_is_asked_to_confirm(self, browser):
        page = browser.post("/write/?a=1", {"text": "oui"})
        assert page.status_code == 403
        assert 'action="/write/?a=1"' in page.content.decode()
        assert page.cookies["csrftoken"]["httponly"]

    def test_loses_nothing_by_confirming(self, rf):
        request = rf.post("/write/?a=1", {"text": ["\nDeux", "« 100 % » 🧀 <b>"], "csrfmiddlewaretoken": "old"})
        page = write_refused(request, reason="CSRF cookie not set.")
        assert page.status_code == 403
        assert page["Referrer-Policy"] == "same-origin"
        assert "no-store" in page["Cache-Control"]
        content = page.content.decode()
        assert 'action="/write/?a=1"' in content
        assert content.count('name="text"') == 2
        assert "\n\nDeux</textarea>" in content
        assert "« 100 % » 🧀 &lt;b&gt;" in content
        assert content.count('name="csrfmiddlewaretoken"') == 1

    def test_writes_once_the_token_is_there(self, browser):
        secret = _get_new_csrf_string()
        browser.cookies["csrftoken"] = secret
        assert browser.post("/write/", {"text": "oui"}).status_code == 403
        answer = browser.post("/write/", {"text": "oui", "csrfmiddlewaretoken": _mask_cipher_secret(secret)})
        assert answer.content == b"written: oui"

    def test_is_refused_again_with_a_wrong_token(self, browser):
        browser.cookies["csrftoken"] = "a" * 32
        assert browser.post("/write/", {"csrfmiddlewaretoken": "b" * 32}).status_code == 403

    def test_is_told_when_a_file_has_to_be_chosen_again(self, rf):
        page = write_refused(rf.post("/write/", {"f": SimpleUploadedFile("a.csv", b"x")}), reason="no token")
        assert b"<form" not in page.content
