"""pytest plugin with the project's fixtures and markers; pyproject.toml loads it, also for each xdist process.

Markers: `mysql` tests run only on a real MySQL server, `browser` and `proof` tests only by `-m`. Tests without database
and those marked `either_database` are not repeated on MySQL. All these are deselected, not skipped, so that a green run
has no skipped test.
"""

import atexit
import gc
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest

BLOCKING_IMPACTS = {"serious", "critical"}
MAX_REPLACED_DOCUMENTS = 5
RANDOM_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config: pytest.Config) -> None:
    # Collect garbage less often: walking the half gigabyte of modules and tests took a seventh of the time.
    gc.set_threshold(100_000, 50, 100)
    atexit.register(lambda: "duckdb" in sys.modules or gc.freeze())
    if "browser" in config.option.markexpr:
        # An in-memory SQLite database has one connection, which a page's parallel requests would share.
        os.environ["TEST_DATABASE_ON_DISK"] = "true"


def pytest_sessionstart(session: pytest.Session) -> None:
    from webmarket.translations import compile_all

    compile_all()
    share_botocore_data()
    keep_permissions()


def share_botocore_data() -> None:
    """Keeps for the process what botocore works out for each client: descriptions (EC2's take 0.2 s), event names."""
    from botocore import hooks, loaders

    loaders.create_loader = cache(loaders.create_loader)
    names: dict[str, str] = {}
    begin = hooks.EventAliaser.__init__

    def begin_with_names(aliaser: hooks.EventAliaser, *args: object) -> None:
        begin(aliaser, *args)
        aliaser._alias_name_cache = names

    hooks.EventAliaser.__init__ = begin_with_names


def keep_permissions() -> None:
    from django.test import TransactionTestCase

    from webmarket.tests.databases.template import empty_tables

    TransactionTestCase._fixture_teardown = empty_tables


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from django.db import connection

    unwanted = set()
    if connection.vendor != "mysql":
        unwanted.add("mysql")
    unwanted |= {name for name in ("browser", "proof") if name not in config.option.markexpr}
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in unwanted)]
    if connection.vendor == "mysql":
        # These have run on SQLite; proofs, which bring servers of their own, run once.
        left_out += [item for item in items if item not in left_out and not _runs_on_mysql(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.collect()
    gc.freeze()


def _runs_on_mysql(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("proof")) or _asks_a_database(item)


def _asks_a_database(item: pytest.Item) -> bool:
    return _has_a_database(item) and not item.get_closest_marker("either_database")


def _has_a_database(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or names & {"db", "transactional_db", "live_server"})


@pytest.fixture(scope="module")
def own_urls(request: pytest.FixtureRequest) -> Iterator[None]:
    """The test module's `urlpatterns` instead of the shop's, once for all its tests: each change takes 0.1 s."""
    from django.test import override_settings

    with override_settings(ROOT_URLCONF=request.module.__name__):
        yield


@pytest.fixture(autouse=True)
def _revisions_unknown(request: pytest.FixtureRequest) -> None:
    """Resets the cached revisions, as in a new process; a test without a database has a shop without a row."""
    # Imported here, both have registered their numbers.
    from apps.catalogue import revision  # noqa: F401
    from apps.common import revisions
    from apps.shop import identity  # noqa: F401

    if _has_a_database(request.node):
        revisions.invalidate()
    else:
        revisions.assume_none()


@pytest.fixture(autouse=True)
def _aws_unknown() -> Iterator[None]:
    """Forgets the credentials of a test, as a new process would."""
    yield
    from apps.operations.aws.clients import session

    session.cache_clear()


@pytest.fixture
def polled_revisions(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cached revisions are read already, and not again: counts of queries depend on no second."""
    from apps.common import revisions

    monkeypatch.setattr(revisions, "POLL_SECONDS", float("inf"))
    revisions.current()


@pytest.fixture(autouse=True)
def default_language() -> None:
    """Resets the thread's language, which a request leaves behind: the next test would reverse URLs in it."""
    from django.utils import translation

    translation.deactivate()


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Replaces random ids in parameters, so that a test has the same name in each xdist process."""
    return RANDOM_ID.sub("…", str(val)) if isinstance(val, str | UUID) and RANDOM_ID.search(str(val)) else None


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """One headless Chromium per test process (CHROMIUM: another executable)."""
    from playwright.sync_api import expect, sync_playwright

    # Expectations wait as long as actions: a page may be slow because other tests run too.
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
    """The URL of the live server, which serves pictures and static files too."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }
    settings.MEDIA_ROOT = tmp_path / "media"
    url = request.getfixturevalue("live_server").url
    settings.SITE_URL = url
    return url


@pytest.fixture
def page(chromium, shop: str) -> Iterator:
    """A Playwright page of a new visitor; `page.goto("/")` is the home page.

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
    """`assert_accessible(page)`: axe-core finds no serious or critical violation on the page as it stands.

    A click that leads to another page returns before that page is there: a document that was replaced while axe looked
    at it is left, and the one that took its place is judged.
    """
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import Error

    def document_of(page) -> float | None:
        """Which document stands there; None while it is being replaced."""
        page.wait_for_load_state()
        with suppress(Error):
            return page.evaluate("performance.timeOrigin")
        return None

    def violations_of(page, context: str | None) -> list[dict]:
        for _ in range(MAX_REPLACED_DOCUMENTS):
            judged, failure, violations = document_of(page), None, []
            try:
                violations = Axe().run(page, context=context).response["violations"]
            except Error as error:
                failure = error
            if judged is not None and document_of(page) == judged:
                if failure:
                    raise failure
                return violations
        raise AssertionError(f"{page.url} is replaced again and again: axe never saw a page at rest.")

    def check(page, *, context: str | None = None) -> None:
        blocking = [
            f"{violation['impact']} {violation['id']}: {violation['help']} ({node['html'][:160]})"
            for violation in violations_of(page, context)
            if violation["impact"] in BLOCKING_IMPACTS
            for node in violation["nodes"]
        ]
        assert not blocking, page.url + "\n" + "\n".join(blocking)

    return check
