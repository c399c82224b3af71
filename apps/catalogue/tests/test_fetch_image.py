"""Fetching images by URL from a server on this machine, which only these tests may reach."""

import functools
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from apps.catalogue.models import ProductImage
from apps.catalogue.services import fetch_image as fetch_image_module
from apps.catalogue.services.fetch_image import FetchFailed, FetchRefused, download, fetch_image, is_public
from apps.catalogue.services.images import MAX_BYTES, ImageRefused
from apps.catalogue.tasks import FETCH_RETRY_MINUTES, fetch_wanted_images, render_pending
from apps.catalogue.tasks import fetch_image as fetch_image_task
from apps.catalogue.tests.factories import ProductFactory
from apps.catalogue.tests.images import bomb, picture_bytes, turned_photograph

PICTURE = picture_bytes("jpeg")


class Site(BaseHTTPRequestHandler):
    """Answers by path; `hops/3` redirects three times before the picture."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        kind, _, rest = self.path.strip("/").partition("/")
        try:
            getattr(self, f"send_{kind}", self.send_nothing)(rest)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_picture(self, _rest: str) -> None:
        self.answer(200, PICTURE, Content_Type="text/html")

    def send_turned(self, _rest: str) -> None:
        self.answer(200, turned_photograph())

    def send_page(self, _rest: str) -> None:
        self.answer(200, b"<html>", Content_Type="image/jpeg")

    def send_bomb(self, _rest: str) -> None:
        self.answer(200, bomb())

    def send_announced(self, _rest: str) -> None:
        self.answer(200, b"x", Content_Length=str(MAX_BYTES + 1))

    def send_endless(self, _rest: str) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(MAX_BYTES // 65536 + 2):
            self.wfile.write(b"\0" * 65536)

    def send_slow(self, _rest: str) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.stopping.wait(0.05):
            self.wfile.write(b"\0")

    def send_gzip(self, _rest: str) -> None:
        self.answer(200, b"\x1f\x8b", Content_Encoding="gzip")

    def send_hops(self, rest: str) -> None:
        left = int(rest)
        self.answer(302, Location=f"/hops/{left - 1}" if left > 1 else "/picture")

    def send_to(self, rest: str) -> None:
        self.answer(301, Location=rest)

    def send_busy(self, _rest: str) -> None:
        self.answer(503)

    def send_nothing(self, _rest: str) -> None:
        self.answer(404)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    server.asked = []
    server.stopping = threading.Event()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.stopping.set()
    server.shutdown()
    server.server_close()


def loopback(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return ip.is_loopback


def at(site: ThreadingHTTPServer, path: str, host: str = "127.0.0.1") -> str:
    return f"http://{host}:{site.server_port}/{path}"


fetch_here = functools.partial(download, permitted=loopback)


def test_brings_the_body_whatever_type_is_announced(site):
    assert fetch_here(at(site, "picture")) == PICTURE


def test_follows_three_redirects(site):
    assert fetch_here(at(site, "hops/3")) == PICTURE


@pytest.mark.parametrize(
    ("path", "refusal", "code"),
    [
        ("hops/4", FetchRefused, "too_many_redirects"),
        ("nothing", FetchRefused, "no_image"),
        ("to/ftp://example.org/a.jpg", FetchRefused, "bad_url"),
        ("to/file:///etc/passwd", FetchRefused, "bad_url"),
        ("to/http://169.254.169.254/latest/meta-data/", FetchRefused, "private_address"),
        ("to/http://10.0.0.1/a.jpg", FetchRefused, "private_address"),
        ("gzip", FetchRefused, "encoded"),
        ("announced", ImageRefused, "too_heavy"),
        ("endless", ImageRefused, "too_heavy"),
        ("busy", FetchFailed, "fetch_failed"),
    ],
)
def test_refuses(site, path, refusal, code):
    with pytest.raises(refusal) as raised:
        fetch_here(at(site, path))

    assert raised.value.code == code


@pytest.mark.parametrize(
    "url",
    [
        "",
        "photo.jpg",
        "//example.org/a.jpg",
        "file:///etc/passwd",
        "gopher://example.org",
        "http://",
        "http://[::1",
    ],
)
def test_refuses_what_is_no_web_address(url):
    with pytest.raises(FetchRefused) as raised:
        download(url)

    assert raised.value.code == "bad_url"


def test_refuses_an_address_with_a_password(site):
    with pytest.raises(FetchRefused) as raised:
        fetch_here(f"http://user:secret@127.0.0.1:{site.server_port}/picture")

    assert raised.value.code == "credentials"


def test_gives_up_on_a_server_that_drips(site):
    begun = time.monotonic()

    with pytest.raises(FetchFailed):
        fetch_here(at(site, "slow"), seconds=0.4)

    assert time.monotonic() - begun < 3


def test_an_absent_server_is_worth_another_try():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    with pytest.raises(FetchFailed):
        fetch_here(f"http://127.0.0.1:{port}/a.jpg")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0.0.0.0",  # noqa: S104
     "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[ff02::1]",
     "[::ffff:127.0.0.1]", "[64:ff9b::a00:1]", "[2002:7f00:1::]", "2130706433", "0x7f000001", "localhost"],
)  # fmt: skip
def test_never_reaches_an_address_that_is_not_public(site, host):
    with pytest.raises((FetchRefused, FetchFailed)) as raised:
        download(at(site, "picture", host))

    assert site.asked == []
    assert isinstance(raised.value, FetchRefused) or raised.value.code == "fetch_failed"


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_public(ip):
    assert is_public(ipaddress.ip_address(ip))


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:4136:e378::", "224.0.0.1", "fec0::1"],
)
def test_private_addresses_are_not(ip):
    assert not is_public(ipaddress.ip_address(ip))


def test_one_private_address_among_public_ones_refuses_the_name(monkeypatch):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers)

    with pytest.raises(FetchRefused) as raised:
        download("http://images.example/a.jpg")

    assert raised.value.code == "private_address"


def test_connects_to_the_address_that_was_checked(site, monkeypatch):
    """A name server that answers differently the second time is not asked a second time."""
    questions = []

    def rebinding(host, port, *args, **kwargs):
        questions.append(host)
        ip = "127.0.0.1" if len(questions) == 1 else "192.0.2.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **kwargs: (rebinding if host in ("images.example", b"images.example") else real)(
            host, *args, **kwargs
        ),
    )

    assert fetch_here(at(site, "picture", "images.example")) == PICTURE
    assert len(questions) == 1
    assert site.asked == [("/picture", f"images.example:{site.server_port}")]


def wanted(url: str) -> ProductImage:
    return ProductImage.objects.create(product=ProductFactory(), source_url=url, state=ProductImage.State.WANTED)


@pytest.mark.django_db
def test_an_image_becomes_ready_upright_and_drawn(site):
    image = wanted(at(site, "turned"))

    assert fetch_image(image_id=image.pk, permitted=loopback) is True
    render_pending()

    image.refresh_from_db()
    assert image.state == ProductImage.State.READY
    assert (image.width, image.height) == (300, 400)
    assert [entry["format"] for entry in image.renditions] == ["avif", "webp"]


@pytest.mark.django_db
def test_a_repeat_asks_nothing(site):
    image = wanted(at(site, "picture"))
    fetch_image(image_id=image.pk, permitted=loopback)
    site.asked.clear()

    assert fetch_image(image_id=image.pk, permitted=loopback) is False
    assert site.asked == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["page", "bomb", "nothing", "endless", "hops/9"])
def test_a_refusal_is_kept_with_its_reason_and_the_product_still_sells(site, path):
    image = wanted(at(site, path))

    assert fetch_image(image_id=image.pk, permitted=loopback) is False

    image.refresh_from_db()
    assert image.state == ProductImage.State.FAILED
    assert image.failure.endswith(".")
    assert image.product.state == "PUBLISHED"


@pytest.mark.django_db
def test_a_task_never_reaches_this_machine(site):
    image = wanted(at(site, "picture"))

    fetch_wanted_images.delay()

    image.refresh_from_db()
    assert (image.state, site.asked) == (ProductImage.State.FAILED, [])


@pytest.mark.django_db
def test_trouble_is_met_with_more_tries_before_giving_up(monkeypatch):
    def nobody(*args, **kwargs):
        raise socket.gaierror("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    image = wanted("http://images.example/a.jpg")

    with pytest.raises(Exception, match="introuvable"):
        fetch_image_task.apply(args=(image.pk,), retries=0, throw=True)
    image.refresh_from_db()
    before_last = image.state
    fetch_image_task.apply(kwargs={"image_id": image.pk}, retries=len(FETCH_RETRY_MINUTES))
    image.refresh_from_db()

    assert before_last in (ProductImage.State.WANTED, ProductImage.State.FAILED)
    assert image.state == ProductImage.State.FAILED
    assert "introuvable" in image.failure


@pytest.mark.django_db
def test_a_server_that_is_asked_too_much_is_left_alone_by_all(site):
    cache.clear()
    first, second = wanted(at(site, "busy")), wanted(at(site, "picture"))
    for image in (first, second):
        with pytest.raises(FetchFailed):
            fetch_image(image_id=image.pk, permitted=loopback)
    assert [path for path, _host in site.asked] == ["/busy"]
    cache.clear()
    assert fetch_image(image_id=second.pk, permitted=loopback)


@pytest.mark.django_db
def test_an_image_given_up_for_now_is_asked_for_again_later_and_at_last_no_more():
    image = wanted("http://images.example/a.jpg")
    now = timezone.now()
    waits = []
    for _time in range(10):
        fetch_image_module.give_up_for_now(image_id=image.pk, reason="Absent.", now=now)
        image.refresh_from_db()
        assert image.state == ProductImage.State.FAILED
        if image.retry_at is None:
            break
        waits.append((image.retry_at - now).days)
        assert fetch_image_module.want_again(now=image.retry_at - timedelta(seconds=1)) == 0
        now = image.retry_at
        assert fetch_image_module.want_again(now=now) == 1
    assert waits == [1, 3, 7, 14, 30]
    assert fetch_image_module.want_again(now=now + timedelta(days=365)) == 0


@pytest.mark.django_db
def test_what_is_fetched_in_the_end_forgets_its_troubles(site):
    image = wanted(at(site, "picture"))
    fetch_image_module.give_up_for_now(image_id=image.pk, reason="Absent.", now=timezone.now())
    fetch_image_module.want_again(now=timezone.now() + timedelta(days=2))
    assert fetch_image(image_id=image.pk, permitted=loopback) is True
    image.refresh_from_db()
    assert (image.state, image.failure, image.given_up) == (ProductImage.State.READY, "", 0)


@pytest.mark.django_db
def test_a_person_has_even_a_refusal_asked_again(admin_client, monkeypatch):
    refused, uploaded = wanted("http://images.example/a.jpg"), wanted("")
    for each in (refused, uploaded):
        fetch_image_module.give_up(image_id=each.pk, reason="Rien à cette adresse.")
    assert fetch_image_module.want_again(now=timezone.now() + timedelta(days=365)) == 0

    answer = admin_client.post(
        reverse("admin:catalogue_product_changelist"),
        {"action": "ask_again_for_images", "_selected_action": [refused.product_id, uploaded.product_id]},
        follow=True,
    )

    assert "1 image sera redemandée" in answer.text
    refused.refresh_from_db()
    uploaded.refresh_from_db()
    assert (refused.state, uploaded.state) == (ProductImage.State.WANTED, ProductImage.State.FAILED)
