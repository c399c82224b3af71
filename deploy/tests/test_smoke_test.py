"""deploy/bin/smoke_test against a shop of a few pages: each fault is found, by the check that names it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

HEADERS = {"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff"}
STRICT = {"Strict-Transport-Security": "max-age=31536000"}
HOME = '<html lang="fr"><link rel="stylesheet" href="/static/shop.css"><a href="/rayon/fruits/">Fruits</a>'
SHOP = {
    "/health": (200, {}, '{"status": "ok", "version": "v2"}'),
    "/": (200, HEADERS, HOME),
    "/en/": (200, HEADERS, '<html lang="en">'),
    "/rayon/fruits/": (200, {}, '<a href="/produit/figues/">Figues</a>'),
    "/produit/figues/": (200, {}, "Figues"),
    "/static/shop.css": (200, {"Cache-Control": "max-age=31536000, public"}, "body {}"),
    "/admin/login/": (200, {}, "login"),
}
CHECKS = ["health", "home", "english", "rayon", "static", "nowhere", "admin"]


class Shop(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.pages = dict(SHOP)
        self.seen: list[tuple[str, str, str]] = []


class Answering(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers["User-Agent"], self.headers.get("X-Origin-Secret", "")))
        status, headers, body = self.server.pages.get(self.path, (404, {}, "nowhere"))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def smoke_test(step, shop, monkeypatch, capsys):
    """Runs it; returns its code and the outcome of each check."""

    def run(*more: str) -> tuple[int, dict[str, str]]:
        monkeypatch.setenv("WEBMARKET_POLL_SECONDS", "0")
        monkeypatch.setattr("sys.argv", ["smoke_test", "--url", f"http://127.0.0.1:{shop.server_port}", *more])
        code = step("smoke_test").main()
        lines = [line.split() for line in capsys.readouterr().err.splitlines()]
        return code, {words[2]: words[1] for words in lines if words[1] in ("ok", "FAILED")}

    return run


def test_a_shop_in_order_passes(smoke_test, shop):
    code, outcomes = smoke_test("--header", "X-Origin-Secret=secret")
    assert (code, outcomes) == (0, dict.fromkeys(CHECKS, "ok"))
    assert {"/produit/figues/", "/static/shop.css", "/admin/login/"} <= {path for path, _agent, _secret in shop.seen}
    assert {(agent, secret) for _path, agent, secret in shop.seen} == {("smoke-test", "secret")}


@pytest.mark.parametrize(
    ("path", "page", "found"),
    [
        ("/health", (200, {}, '{"status": "degraded"}'), {"health"}),
        ("/health", (503, {}, '{"status": "ok"}'), {"health"}),
        ("/health", (200, {}, "<html>"), {"health"}),
        ("/", (200, HEADERS, HOME.replace("fr", "en", 1)), {"home"}),
        ("/", (200, {}, HOME), {"home"}),
        ("/", (200, {"X-Content-Type-Options": "nosniff"}, HOME), {"home"}),
        ("/", (200, HEADERS, HOME.replace(".css", ".js")), {"static"}),
        ("/", (500, HEADERS, HOME), {"home", "rayon", "static"}),
        ("/en/", (200, HEADERS, '<html lang="fr">'), {"english"}),
        ("/rayon/fruits/", (500, {}, ""), {"rayon"}),
        ("/produit/figues/", (500, {}, ""), {"rayon"}),
        ("/static/shop.css", (200, {"Cache-Control": "no-cache"}, ""), {"static"}),
        ("/static/shop.css", (404, {}, ""), {"static"}),
        ("/nowhere-at-all", (200, {}, "here"), {"nowhere"}),
        ("/admin/login/", (403, {}, ""), {"admin"}),
    ],
)
def test_each_fault_is_found(smoke_test, shop, path, page, found):
    shop.pages[path] = page
    code, outcomes = smoke_test()
    assert (code, {check for check, outcome in outcomes.items() if outcome == "FAILED"}) == (1, found)


def test_a_shop_without_rayons_or_products_is_in_order(smoke_test, shop):
    shop.pages["/rayon/fruits/"] = (200, {}, "empty")
    assert smoke_test()[0] == 0
    shop.pages["/"] = (200, HEADERS, HOME.replace("/rayon/", "/page/"))
    assert smoke_test()[0] == 0


def test_over_tls_the_browser_must_be_bound_to_it(step):
    module = step("smoke_test")

    class Answers(module.Shop):
        def get(self, path, *, status=200):
            return HOME, {name.lower(): value for name, value in HEADERS.items()}

    with pytest.raises(module.Refused, match="lacks strict-transport-security"):
        Answers("https://shop.example/", {}).home()


def test_the_release_that_was_asked_for_must_answer(smoke_test, shop, step):
    assert smoke_test("--release", "v2")[0] == 0
    with pytest.raises(step("smoke_test").Refused):
        smoke_test("--release", "v3", "--wait", "0")


def test_a_dry_run_asks_nothing(smoke_test, shop):
    assert smoke_test("--dry-run", "--release", "v3")[0] == 0
    assert shop.seen == []
