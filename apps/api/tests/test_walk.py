"""The contract, walked by a program that has httpx and nothing of ours, against a server of its own."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import VariantFactory
from apps.prospects.tests.factories import make_stages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("walk", "ending"),
    [
        ("walk_api.py", "each answered as the contract says"),
        ("walk_old_clients.py", "each answered as the old contracts say"),
    ],
)
def test_a_stranger_can_walk_the_whole_contract(live_server, walk: str, ending: str):
    make_stages()
    refresh_listing(product_ids=[VariantFactory().product_id])
    staff = StaffFactory(is_superuser=True)
    walked = subprocess.run(  # noqa: S603
        [sys.executable, f"deploy/api_clients/{walk}", "--base", live_server.url, "--email", staff.email],
        cwd=settings.BASE_DIR,
        env=os.environ | {"API_PASSWORD": "un mot de passe solide"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert walked.returncode == 0, walked.stdout[-2000:] + walked.stderr
    assert ending in walked.stdout
