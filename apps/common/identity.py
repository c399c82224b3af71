"""The shop's identity for what stands below the app that holds it: e-mails carry its name."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def shop_identity() -> Any:
    """The frozen dataclass that the function named by SHOP_IDENTITY returns."""
    return _read(settings.SHOP_IDENTITY)()


@cache
def _read(path: str) -> Callable[[], Any]:
    return import_string(path)
