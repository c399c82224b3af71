"""What gunicorn loads before its workers are forked."""

import os
import subprocess
import sys

from django.conf import settings

# In a process of its own, where nothing was loaded before.
SCRIPT = """
import sys
import django
django.setup()
from django.template import engines
from webmarket.preload import preload
import webmarket.wsgi
preload()
compiled = engines["django"].engine.template_loaders[0].get_template_cache
for name in ("base", "home", "category", "product/main", "search", "basket/page", "checkout/summary"):
    assert f"storefront/{name}.html" in compiled, name
assert not [name for name in compiled if "legal" in name]
components = {name for _loader, name in engines["jinja2"].env.cache.keys()}
assert {"components/card.html", "components/facets.html", "components/toolbar.html"} <= components
from apps.payments import gateways
assert "stripe" in gateways.registered()
# Few web workers ever make a client of AWS, fetch a picture, ask Stripe, write a workbook, check a passkey or run an
# operation; none colours a traceback.
for name in ("boto3", "httpx", "duckdb", "stripe", "apps.operations.operations", "rich", "requests", "pygments",
             "openpyxl", "lxml", "cryptography", "fido2"):
    assert name not in sys.modules, name
# They are there for whoever needs them.
import pygments, requests, rich
from allauth.mfa.webauthn.internal import flows
from allauth.mfa.webauthn.internal.auth import get_server
assert flows.auth.get_server is get_server
"""
WORKER = """
import sys
import django
django.setup()
from webmarket.celery import app
app.loader.import_default_modules()
assert "apps.operations.tasks" in sys.modules
for name in ("webmarket.urls", "apps.backoffice.admin", "rest_framework.views", "openpyxl", "lxml", "cryptography",
             "fido2"):
    assert name not in sys.modules, name
from apps.operations.services.backup import manifest, signing
assert "cryptography" not in sys.modules
from apps.operations.services.backup.signing import own_key
assert manifest.signing.own_key is own_key
# The screens come with the first use of their site.
from django.contrib import admin
from apps.orders.models import Order
assert admin.site.is_registered(Order)
assert "apps.backoffice.admin" in sys.modules
"""
WORKBOOKS = """
import sys
import django
django.setup()
from import_export.formats import base_formats
assert base_formats.XLSX in base_formats.DEFAULT_FORMATS
assert base_formats.XLSX in base_formats.BINARY_FORMATS
assert "openpyxl" not in sys.modules
import tablib
written = base_formats.XLSX().export_data(tablib.Dataset(["Thé", 5], headers=["nom", "prix"]))
assert [dict(row) for row in tablib.Dataset().load(written, "xlsx").dict] == [{"nom": "Thé", "prix": "5"}]
assert base_formats.CSV().get_title() == "csv"
"""


def run(script: str, **environment: str) -> None:
    command = [sys.executable, "-c", script]
    env = {**os.environ, **environment}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stderr


def test_templates_are_compiled_and_what_few_need_is_not_loaded():
    # A shop that is paid through Stripe.
    run(SCRIPT, STRIPE_SECRET_KEY="rk_test_1")


def test_tasks_load_no_page():
    # As the units of beat and of operations.
    run(WORKER, CELERY_SKIP_CHECKS="1")


def test_workbooks_are_offered_before_what_writes_them_is_loaded():
    run(WORKBOOKS)
