"""The platform that passes invoices and sales on to the administration: the one that INVOICE_PLATFORM names."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from apps.invoicing.platforms.base import Platform


def platform() -> Platform:
    return _load(settings.INVOICE_PLATFORM)


@cache
def _load(path: str) -> Platform:
    loaded: Platform = import_string(path)()
    return loaded
