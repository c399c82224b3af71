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
# Few web workers ever make a client of AWS, fetch a picture, ask Stripe or run an operation; none colours a traceback.
for name in ("boto3", "httpx", "duckdb", "stripe", "apps.operations.operations", "rich", "requests", "pygments"):
    assert name not in sys.modules, name
# They are there for whoever needs them.
import pygments, requests, rich
"""


def test_templates_are_compiled_and_what_few_need_is_not_loaded():
    command = [sys.executable, "-c", SCRIPT]
    # A shop that is paid through Stripe.
    env = {**os.environ, "STRIPE_SECRET_KEY": "rk_test_1"}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stderr
