import gzip
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.prices import set_price
from apps.catalogue.tests.factories import VariantFactory
from apps.storefront.page_cache import Page, PageStore, shared_page
from webmarket.urls import urlpatterns as site

pytestmark = pytest.mark.django_db
rendered = []


@shared_page
def counted(request):
    rendered.append(request.get_full_path())
    return HttpResponse(f"<p>{request.user} {sorted(request.COOKIES)}</p>" * 100)


@shared_page
def with_cookie(request):
    rendered.append(request.get_full_path())
    response = HttpResponse("x")
    response.set_cookie("a", "b")
    return response


@shared_page
def missing(request):
    rendered.append(request.get_full_path())
    return HttpResponse("rien", status=404)


def personal(request):
    return HttpResponse(str(request.user))


urlpatterns = [
    path("compte-tours/", counted),
    path("biscuit/", with_cookie),
    path("rien/", missing),
    path("personnel/", personal),
    *site,
]


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__
    rendered.clear()


@pytest.fixture
def variant():
    variant = VariantFactory()
    refresh_listing(product_ids=[variant.product_id])
    return variant


def test_a_page_is_rendered_once_for_everyone(client, variant):
    first = client.get("/compte-tours/")
    client.force_login(UserFactory())
    client.cookies["panier"] = "1"
    second = client.get("/compte-tours/")
    assert first.content == second.content
    assert b"AnonymousUser []" in first.content
    assert len(rendered) == 1
    assert not second.cookies
    assert second["Vary"] == "Accept-Encoding"
    assert second["Cache-Control"].startswith("public, max-age=0, s-maxage=1")
    assert second["Content-Security-Policy"]


def test_a_visitor_with_a_session_makes_the_same_page(client, variant):
    client.force_login(UserFactory())
    customers_page = client.get("/compte-tours/").content
    assert b"AnonymousUser []" in customers_page


def test_reading_a_cached_page_costs_one_query_for_the_revision(client, variant, django_assert_num_queries):
    client.get("/compte-tours/")
    with django_assert_num_queries(1):
        client.get("/compte-tours/")


def test_a_changed_price_is_on_the_next_page(client, variant):
    client.get("/compte-tours/")
    set_price(variant=variant, amount=Decimal("4.44"), now=timezone.now())
    client.get("/compte-tours/")
    assert len(rendered) == 2


def test_a_cached_page_expires_after_a_minute(client, variant, monkeypatch):
    client.get("/compte-tours/")
    monkeypatch.setattr("apps.storefront.page_cache.MAX_SECONDS", 0)
    client.get("/compte-tours/")
    assert len(rendered) == 2


def test_a_browser_with_the_page_gets_not_modified(client, variant):
    page = client.get("/compte-tours/")
    again = client.get("/compte-tours/", headers={"If-None-Match": page["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", page["ETag"])
    weakened = client.get("/compte-tours/", headers={"If-None-Match": f'"other", W/{page["ETag"]}'})
    assert weakened.status_code == 304
    assert client.get("/compte-tours/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_gzip_is_another_variant_of_the_page(client, variant):
    plain = client.get("/compte-tours/")
    zipped = client.get("/compte-tours/", headers={"Accept-Encoding": "br, gzip"})
    assert gzip.decompress(zipped.content) == plain.content
    assert zipped["Content-Encoding"] == "gzip"
    assert int(zipped["Content-Length"]) == len(zipped.content)
    assert zipped["ETag"] != plain["ETag"]
    refused = client.get("/compte-tours/", headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.content == plain.content


def test_head_has_the_headers_alone(client, variant):
    page = client.get("/compte-tours/")
    head = client.head("/compte-tours/")
    assert head.content == b""
    assert (head["Content-Length"], head["ETag"]) == (page["Content-Length"], page["ETag"])


def test_tracking_and_order_of_parameters_make_no_other_page(client, variant):
    client.get("/compte-tours/?a=1&b=2")
    client.get("/compte-tours/?utm_source=x&b=2&a=1&gclid=y")
    assert rendered == ["/compte-tours/?a=1&b=2"]


@pytest.mark.parametrize("query", ["%00", "%ff=%fe", "&&&==", "page=" + "9" * 400, "x" * 5000])
def test_a_strange_query_harms_nothing(client, variant, query):
    assert client.get(f"/compte-tours/?{query}").status_code in (200, 400)


@pytest.mark.parametrize("path", ["/biscuit/", "/rien/"])
def test_cookies_and_errors_are_never_cached(client, variant, path):
    client.get(path)
    response = client.get(path)
    assert len(rendered) == 2
    assert response["Cache-Control"] == "private, no-cache"


def test_a_post_is_never_cached(client, variant):
    client.get("/compte-tours/")
    client.post("/compte-tours/", headers={"Sec-Fetch-Site": "same-origin"})
    assert len(rendered) == 2


def test_a_personal_page_says_so(client, variant):
    assert client.get("/personnel/")["Cache-Control"] == "private, no-cache"


@override_settings(PAGE_CACHE=False)
def test_it_can_be_switched_off(client, variant):
    client.get("/compte-tours/")
    assert client.get("/compte-tours/")["ETag"]
    assert len(rendered) == 2


def test_language_depends_on_the_url_alone(client, variant):
    response = client.get("/compte-tours/", headers={"Accept-Language": "en"})
    assert response["Content-Language"] == "fr"
    assert "Accept-Language" not in response["Vary"]
    client.cookies["django_language"] = "en"
    assert client.get("/mentions-legales/")["Content-Language"] == "fr"


def test_memory_is_bounded():
    store = PageStore(limit=10_000)
    pages = {("http", "h", f"/{number}/", ""): Page(1, b"x" * 2000, {}) for number in range(20)}
    for key, page in pages.items():
        store.put(key, page)
    assert store._bytes <= 10_000
    assert len(store._pages) == 2
