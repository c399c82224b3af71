"""Malformed requests get a clear 4xx page in the visitor's language, never a 500."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import path
from django.utils.translation import gettext, override

from webmarket import urls as shop
from webmarket.wsgi import application

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_urls")]


def echo(request):
    return HttpResponse(request.GET.get("q", "") + request.POST.get("text", ""))


urlpatterns = [path("echo/", echo), path("en/echo/", echo), *shop.urlpatterns]
handler400 = shop.handler400

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=limite"
UNREADABLE = "Cette demande est illisible"


def multipart(text: bytes) -> bytes:
    return b'--limite\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + text + b"\r\n--limite--\r\n"


@pytest.fixture
def browser():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(
    "send",
    {
        "NUL in the path": lambda c, p: c.get(f"{p}/echo/%00"),
        "NUL in the query": lambda c, p: c.get(f"{p}/echo/?q=a%00b"),
        "NUL in a name of the query": lambda c, p: c.get(f"{p}/echo/?%00=1"),
        "invalid UTF-8 in the query": lambda c, p: c.get(f"{p}/echo/?q=%c3%28"),
        "Latin-1 in the query": lambda c, p: c.get(f"{p}/echo/?q=caf%e9"),
        "raw Latin-1 in the query": lambda c, p: c.get(f"{p}/echo/", QUERY_STRING="q=caf\xe9"),
        "lone surrogate in the query": lambda c, p: c.get(f"{p}/echo/?q=%ed%b0%80"),
        "overlong UTF-8 in the query": lambda c, p: c.get(f"{p}/echo/?q=%c0%af"),
        "charset other than UTF-8": lambda c, p: c.post(f"{p}/echo/", "text=a", f"{FORM}; charset=utf-7"),
        "multipart in another charset": lambda c, p: c.post(
            f"{p}/echo/", multipart(b"a"), f"{MULTIPART}; charset=utf-16"
        ),
        "NUL in a form": lambda c, p: c.post(f"{p}/echo/", "text=a%00", FORM),
        "raw NUL in a form": lambda c, p: c.post(f"{p}/echo/", b"text=a\x00", FORM),
        "invalid UTF-8 in a form": lambda c, p: c.post(f"{p}/echo/", "text=%ff", FORM),
        "raw invalid UTF-8 in a form": lambda c, p: c.post(f"{p}/echo/", b"text=\xff", FORM),
        "lone surrogate in a form": lambda c, p: c.post(f"{p}/echo/", "text=%ed%a0%bd", FORM),
        "NUL in a multipart form": lambda c, p: c.post(f"{p}/echo/", multipart(b"a\x00"), MULTIPART),
        "invalid UTF-8 in a multipart form": lambda c, p: c.post(f"{p}/echo/", multipart(b"\xff"), MULTIPART),
        "multipart without a boundary": lambda c, p: c.post(f"{p}/echo/", b"x", "multipart/form-data"),
        "multipart with an absurd boundary": lambda c, p: c.post(
            f"{p}/echo/", b"x", "multipart/form-data; boundary=" + "x" * 300
        ),
        "a length that is no number": lambda c, p: c.post(f"{p}/echo/", b"x", FORM, CONTENT_LENGTH="beaucoup"),
    }.values(),
)
def test_unreadable(browser, prefix, send):
    response = send(browser, prefix)
    assert response.status_code == 400
    with override("en" if prefix else "fr"):
        assert gettext(UNREADABLE) in response.content.decode()
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(
    "send",
    [
        lambda c, p: c.post(f"{p}/echo/", "text=" + "a" * 1_100_000, FORM),
        lambda c, p: c.post(f"{p}/echo/", "&".join(f"f{n}=1" for n in range(2001)), FORM),
        lambda c, p: c.post(f"{p}/echo/", multipart(b"a" * 1_100_000), MULTIPART),
        lambda c, p: c.post(f"{p}/echo/", {f"f{n}": SimpleUploadedFile("a.txt", b"x") for n in range(101)}),
        lambda c, p: c.post(f"{p}/echo/", b"x", MULTIPART, CONTENT_LENGTH=str(10**12)),
        lambda c, p: c.get(f"{p}/echo/?" + "&".join(f"f{n}=1" for n in range(2001))),
    ],
)
def test_too_large(browser, prefix, send):
    response = send(browser, prefix)
    assert response.status_code == 413
    with override("en" if prefix else "fr"):
        assert gettext("Cet envoi est trop volumineux") in response.content.decode()


@pytest.mark.parametrize("path", ["/echo/%ff%fe/", "/en/echo/%ed%a0%80/", "/caf%e9/", "/caf%c3%a9/", "/%2e%2e/"])
def test_urls_that_no_page_has(browser, path):
    assert browser.get(path).status_code == 404


def test_unknown_host(browser):
    for host in ("pirate.example", "127.0.0.1:x", "a\x00b", "é"):
        response = browser.get("/echo/", headers={"Host": host})
        assert response.status_code == 400
        assert gettext("Cette adresse n’est pas celle de la boutique") in response.content.decode()


@pytest.mark.parametrize(
    "text", ["Crème brûlée « à l’ancienne »", "🧀👩‍🍳", "日本語", "\U0010ffff", "a+b & c%", "\u202f\u200b"]
)
def test_any_real_text_arrives_whole(browser, text):
    query = QueryDict(mutable=True)
    query["q"] = text
    assert browser.get("/echo/?" + query.urlencode()).content.decode() == text
    assert browser.post("/echo/", {"text": text}).content.decode() == text
    query["text"] = query.pop("q")[0]
    assert browser.post("/echo/", query.urlencode(), FORM).content.decode() == text


@pytest.mark.parametrize(
    "charset", ["hex", "rot13", "base64", "zip", "idna", "undefined", "inconnu", "a\x00b", "é", "utf-8"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_charset_of_any_name_breaks_nothing(rf, method, charset):
    """Through the WSGI application: Django builds its request before any middleware runs."""
    environ = rf.generic(method, "/echo/?q=1", b"text=a").environ
    environ["CONTENT_TYPE"] = f"application/x-www-form-urlencoded; charset={charset}"
    environ["HTTP_SEC_FETCH_SITE"] = "same-origin"
    answers = []
    application(environ, lambda status, headers: answers.append(status))
    assert answers[0][:3] in ("200", "400")


def test_a_body_that_is_no_form_is_left_to_its_view(browser):
    assert browser.post("/echo/", b"\x00\xff", "application/octet-stream").status_code == 200
