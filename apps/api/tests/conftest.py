from collections import OrderedDict

import pytest
from django.core.cache import cache

from apps.api.throttles import ClientRate


@pytest.fixture(autouse=True)
def _nobody_has_called(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClientRate, "_refused_until", OrderedDict())
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        cache.clear()
