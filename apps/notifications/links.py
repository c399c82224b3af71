from django.conf import settings
from django.urls import reverse


def link(name: str, *args: object, **kwargs: object) -> str:
    """The URL of a page, in the active language."""
    return settings.SITE_URL + reverse(name, args=args, kwargs=kwargs)
