"""What every test of the project may use; pyproject.toml loads it, for plain pytest and for each xdist process.

Markers choose the ground a test runs on. `mysql`: only on a real MySQL server. `browser` and `proof`:
only when asked for by `-m`. On MySQL what asks no database, or nothing that may differ (`either_database`), is not run
again. Such tests are deselected, so that a green run shows no skipped test.
"""

import gc
import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest

BLOCKING_IMPACTS = {"serious", "critical"}
DRAWN = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config: pytest.Config) -> None:
    # Modules and tests stay until the end: to walk half a gigabyte of them again and again took a seventh of the time.
    gc.set_threshold(10_000, 20, 100)
    if "browser" in config.option.markexpr:
        # An in-memory SQLite database has one connection, which a page's parallel requests would share.
        os.environ["TEST_DATABASE_ON_DISK"] = "true"


def pytest_sessionstart(session: pytest.Session) -> None:
    from webmarket.translations import compile_all

    compile_all()
    share_botocore_data()


def share_botocore_data() -> None:
    """AWS's service descriptions are parsed once per process, not once per client: EC2's alone takes 0.2 s."""
    from botocore import loaders

    loaders.create_loader = cache(loaders.create_loader)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from django.db import connection

    unwanted = set()
    if connection.vendor != "mysql":
        unwanted.add("mysql")
    unwanted |= {name for name in ("browser", "proof") if name not in config.option.markexpr}
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in unwanted)]
    if connection.vendor == "mysql":
        # These have run on SQLite.
        left_out += [item for item in items if item not in left_out and not _asks_a_database(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.collect()
    gc.freeze()


def _asks_a_database(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    asks = item.get_closest_marker("django_db") or names & {"db", "transactional_db", "live_server"}
    return bool(asks) and not item.get_closest_marker("either_database")


@pytest.fixture(scope="module")
def own_urls(request: pytest.FixtureRequest) -> Iterator[None]:
    """The module's `urlpatterns` instead of the shop's, for all its tests: each exchange takes a tenth of a second."""
    from django.test import override_settings

    with override_settings(ROOT_URLCONF=request.module.__name__):
        yield


@pytest.fixture(autouse=True)
def _catalogue_unknown() -> None:
    """A test begins as a process does: it remembers no revision of another test's catalogue."""
    from apps.catalogue import revision

    revision.invalidate()


@pytest.fixture(autouse=True)
def default_language() -> None:
    """A request leaves its language to the thread: the next test must not reverse addresses in it."""
    from django.utils import translation

    translation.deactivate()


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """A test is called the same in each xdist process, though each drew identifiers of its own while collecting."""
    return DRAWN.sub("…", str(val)) if isinstance(val, str | UUID) and DRAWN.search(str(val)) else None


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """One headless Chromium for each test process (CHROMIUM names another executable)."""
    from playwright.sync_api import expect, sync_playwright

    # A page that is slow because others run beside it is no failure: expectations wait as long as actions do.
    expect.set_options(timeout=30_000)

    # Playwright's synchronous API keeps an event loop in this thread, in which Django refuses queries unless told so.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=CHROMIUM_ARGUMENTS
        )
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def shop(transactional_db: None, settings, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of the running shop, with pictures and static files as a visitor gets them."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }
    settings.MEDIA_ROOT = tmp_path / "media"
    address = request.getfixturevalue("live_server").url
    settings.SITE_URL = address
    return address


@pytest.fixture
def page(chromium, shop: str) -> Iterator:
    """A Playwright page of a fresh visitor; `page.goto("/")` is the home page.

    The test fails when the page raised a script error or broke the content security policy.
    """
    context = chromium.new_context(base_url=shop, locale="fr-FR", timezone_id="Europe/Paris")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    context.close()
    assert not complaints, complaints


@pytest.fixture
def assert_accessible() -> Callable[..., None]:
    """`assert_accessible(page)`: axe-core finds no serious or critical violation on the page as it stands."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page, *, context: str | None = None) -> None:
        violations = Axe().run(page, context=context).response["violations"]
        blocking = [
            f"{violation['impact']} {violation['id']}: {violation['help']} ({node['html'][:160]})"
            for violation in violations
            if violation["impact"] in BLOCKING_IMPACTS
            for node in violation["nodes"]
        ]
        assert not blocking, page.url + "\n" + "\n".join(blocking)

    return check
