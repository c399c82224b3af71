"""Environment variables: each one read is documented, each one passed is read, and demo values stay in a demo."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import resolve
from environ import Env

from webmarket import email, shop

ROOT = settings.BASE_DIR
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]+")
SAMPLE = ROOT / "deploy" / "sample_shop.env"
# Variables of gunicorn's settings for the bench, not documented.
MEASURING = {"GUNICORN_THREADS", "GUNICORN_ARRIVAL_SECONDS", "GUNICORN_MAX_REQUESTS", "GUNICORN_ACCESS_LOG"}
# What deploy/host/settings.py makes DATABASE_URL, DATABASE_REPLICA_URLS and AWS_CLOUDFRONT_KEY_ID of.
HOST_READS = {"AWS_CLOUDFRONT_KEY_IDS", "DATABASE_HOST", "DATABASE_REPLICA_HOSTS", "DATABASE_SECRET_ARN"}


def sources() -> list[Path]:
    read = [*(ROOT / "webmarket").glob("*.py"), ROOT / "deploy" / "gunicorn.conf.py"]
    return [path for path in read if path.name != "celery.py"]


def read_variables() -> set[str]:
    """The names in env.str("…"), os.environ.get("…") and the table of facts about the shop."""
    return {name for path in sources() for name in _named(ast.parse(path.read_text()))} | {
        fact.variable for fact in shop.FACTS.values()
    }


def _named(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        of = ast.unparse(node.func.value)
        if of in {"env", "os.environ"} and node.args and isinstance(node.args[0], ast.Constant):
            name = str(node.args[0].value)
            if VARIABLE.fullmatch(name) and node.func.attr != "setdefault":
                yield name


def sample() -> dict[str, str]:
    lines = (line for line in SAMPLE.read_text().splitlines() if not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def start(code: str, *, of_the_shop: dict[str, str], arguments: Sequence[str] = ()) -> subprocess.CompletedProcess:
    """Run `code` as a process of a real shop would: DEMO is off, and settings are the shop's own."""
    unset = ("SHOP_", "DJANGO_", "DEFAULT_")
    production = {
        **{name: value for name, value in os.environ.items() if not name.startswith(unset)},
        "DJANGO_SETTINGS_MODULE": "webmarket.settings",
        "DEMO": "false",
        "SECRET_KEY": "only for this test",
        "ALLOWED_HOSTS": "www.boutique.test",
        "SITE_URL": "https://www.boutique.test",
        "DATABASE_URL": "sqlite:///:memory:",
        "EMAIL_URL": "memorymail://",
        "CELERY_BROKER_URL": "memory://",
    }
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**production, **of_the_shop},
        capture_output=True,
        text=True,
    )


def environment(values: dict[str, str]) -> Env:
    env = Env()
    env.ENVIRON = values
    return env


def test_every_variable_that_is_read_is_explained_in_the_example():
    explained, text = set(), ""
    for line in (ROOT / ".env.example").read_text().splitlines():
        if found := re.match(r"(?:# )?([A-Z][A-Z0-9_]+)=", line):
            assert text, f"{found[1]} has no line of explanation above it"
            explained.add(found[1])
        elif line.startswith("# "):
            text = line[2:]
        else:
            text = ""
    assert read_variables() - MEASURING - explained == set()
    assert explained - read_variables() == set(), "explained, and read by nobody"


def test_every_parameter_of_terraform_is_read():
    source = (ROOT / "terraform" / "modules" / "shop" / "main.tf").read_text()
    start = source.index("parameters = merge(")
    block = source[start : source.index("\n  )\n", start)]
    variables = set(re.findall(r"(?m)(?:^\s*|\{ )([A-Z][A-Z0-9_]+)\s+=", block))
    assert {"SITE_URL", "OTEL_EXPORTER_OTLP_ENDPOINT", "BACKUP_KMS_KEY"} <= variables
    assert variables - read_variables() - HOST_READS == set()


def test_every_secret_that_a_host_fetches_is_read():
    declared = json.loads((ROOT / "terraform" / "modules" / "secrets" / "host_secrets.json").read_text())
    variables = {name.upper().replace("-", "_") for name in declared if name != "documents-key"}
    assert {"SECRET_KEY", "EMAIL_URL"} <= variables
    assert variables <= read_variables()


def test_a_demo_has_invented_facts():
    assert shop.invented(demo=True)["iban"].startswith("FR76 0000")
    assert shop.invented(demo=False) == {}


def test_the_environment_says_who_the_shop_is_as_far_as_it_is_set():
    assert shop.from_environment(environment(sample()), demo=False)["company"] == "Essai SARL"
    assert shop.from_environment(environment({"SHOP_NAME": " Chez Camille ", "SHOP_PHONE": " "}), demo=False) == {
        "name": "Chez Camille"
    }


@pytest.mark.parametrize("key", sorted(shop.INVENTED))
def test_what_the_demo_invented_is_refused_outside_it(key):
    fact = shop.FACTS[key]
    with pytest.raises(ImproperlyConfigured, match=fact.variable):
        shop.from_environment(environment({**sample(), fact.variable: fact.demo}), demo=False)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SHOP_IBAN", "FR14 2004 1010 0505 0001 3M02 607"),
        ("SHOP_IBAN", "FR14"),
        ("SHOP_IBAN", ""),
        ("SHOP_BIC", "PSST"),
        ("SHOP_BIC", ""),
    ],
)
def test_an_account_that_cannot_be_right_is_refused(variable, value):
    with pytest.raises(ImproperlyConfigured, match=r"SHOP_(IBAN|BIC)"):
        shop.from_environment(environment({**sample(), variable: value}), demo=False)


def test_a_shop_without_a_sender_writes_from_its_own_host():
    assert (
        shop.default_sender({}, demo=False, site_url="https://www.boutique.test:8443") == "boutique@www.boutique.test"
    )
    assert shop.default_sender({"sender": "a@b.fr"}, demo=False, site_url="https://x.fr") == "a@b.fr"


def test_a_new_shop_starts_before_anybody_has_said_who_it_is():
    """Its owner does, in the back office; what the environment says wrongly stops the start."""
    settings_alone = "import webmarket.settings"
    assert start(settings_alone, of_the_shop={}).returncode == 0
    assert start(settings_alone, of_the_shop=sample()).returncode == 0
    refused = start(settings_alone, of_the_shop={"SHOP_COMPANY": shop.FACTS["company"].demo})
    assert refused.returncode
    assert "SHOP_COMPANY holds the demo's invented value." in refused.stderr


# Says what a started shop knows of the demonstration; ends with an error where a model and its migrations differ.
LOOK = """
import json, sys
import django
django.setup()
from django.core.management import call_command
from django.urls import Resolver404, resolve
from apps.payments import gateways
call_command("makemigrations", check=True, dry_run=True, verbosity=0)
found = []
for path in sys.argv[1:]:
    try:
        found.append(resolve(path).view_name)
    except Resolver404:
        found.append("")
loaded = [name for name in sys.modules if name.startswith("apps.demo")]
print(json.dumps({"pages": found, "gateways": list(gateways.registered()), "loaded": loaded}))
"""
PAGES = [
    "/paiement/banque-de-demonstration/demo_1/",
    "/demo/courrier/",
    "/demo/courrier/x.0/",
    "/demo/courrier/x.0/html/",
]


def test_a_real_shop_has_nothing_of_the_demonstration():
    here = [resolve(path).view_name for path in PAGES]
    assert here == ["demo:bank", "demo:mailbox", "demo:mail", "demo:mail_html"]
    looked = start(LOOK, of_the_shop=sample(), arguments=["/panier/", *PAGES])
    assert looked.returncode == 0, looked.stdout + looked.stderr
    found = json.loads(looked.stdout.splitlines()[-1])
    assert found["pages"] == ["storefront:basket", *[""] * len(PAGES)]
    assert "bank_transfer" in found["gateways"]
    assert "demo_card" not in found["gateways"]
    assert found["loaded"] == []


@pytest.mark.parametrize("slashes", ["///", "////"])
def test_a_folder_of_messages_is_absolute(slashes, tmp_path):
    url = f"filemail:{slashes}{str(tmp_path).lstrip('/')}"
    found = email.settings(environment({"EMAIL_URL": url}), folder=Path("/unused"), demo=False)
    assert found["EMAIL_FILE_PATH"] == str(tmp_path)


def test_a_demos_messages_lie_in_its_own_folder(tmp_path):
    found = email.settings(environment({}), folder=tmp_path / "mail", demo=True)
    assert found["EMAIL_FILE_PATH"] == str(tmp_path / "mail")
    assert found["EMAIL_BACKEND"].endswith("filebased.EmailBackend")


@pytest.mark.parametrize("url", ["filemail://var/mail", "filemail://", "filemail:///"])
def test_a_folder_that_depends_on_where_a_process_starts_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="absolute folder"):
        email.settings(environment({"EMAIL_URL": url}), folder=Path("/unused"), demo=True)


def test_mail_servers_are_used_by_our_own_backend():
    url = "smtp+tls://user:password@smtp.internal:587"
    found = email.settings(environment({"EMAIL_URL": url}), folder=Path("/unused"), demo=False)
    assert found["EMAIL_BACKEND"] == "apps.common.smtp.EmailBackend"
    assert found["EMAIL_PORT"] == 587


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("FILEMAIL:///srv/mail", "/srv/mail"),
        (" filemail:///srv/mail ", "/srv/mail"),
        ("filemail:///srv/a%20folder%23", "/srv/a folder#"),
    ],
)
def test_a_folder_for_mail_is_absolute_however_it_is_written(url, folder):
    found = email.settings(environment({"EMAIL_URL": url}), folder=Path("/unused"), demo=False)
    assert found["EMAIL_FILE_PATH"] == folder


@pytest.mark.parametrize("name", ["a#b", "a?b", "50%25", "à côté"])
def test_a_checkout_of_any_name_keeps_its_mail(tmp_path, name):
    found = email.settings(environment({}), folder=tmp_path / name, demo=True)
    assert found["EMAIL_FILE_PATH"] == str(tmp_path / name)


@pytest.mark.parametrize("url", ["smtp+tls://u:secret#x@h:587", "smtp+tls://u:secret@h:abc", "smtp://u:secret@"])
def test_an_invalid_mail_server_is_reported_without_its_password(url):
    with pytest.raises(ImproperlyConfigured) as refused:
        email.settings(environment({"EMAIL_URL": url}), folder=Path("/unused"), demo=False)
    assert "EMAIL_URL" in str(refused.value)
    assert "secret" not in str(refused.value)
