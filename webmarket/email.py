"""Settings of e-mail, from EMAIL_URL."""

from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

SMTP = "django.core.mail.backends.smtp.EmailBackend"
FILES = "django.core.mail.backends.filebased.EmailBackend"


def settings(env: Env, *, folder: Path, demo: bool) -> dict[str, Any]:
    """Django's EMAIL_… settings. A demo without EMAIL_URL writes its messages to `folder`.

    Raises ImproperlyConfigured for a `filemail:` URL without an absolute folder, and for a server without a name or
    with an invalid port; the message never contains the URL, which has a password in it.
    """
    url = env.str("EMAIL_URL", default=f"filemail://{quote(str(folder))}" if demo else Env.NOTSET).strip()
    try:
        found = {name: value for name, value in env.email_url_config(url).items() if name.startswith("EMAIL_")}
    except ValueError:
        raise ImproperlyConfigured(
            "EMAIL_URL names no port where one stands. Write # / ? @ : of a password as %23 %2F %3F %40 %3A."
        ) from None
    if found["EMAIL_BACKEND"] == SMTP:
        if not found["EMAIL_HOST"]:
            raise ImproperlyConfigured("EMAIL_URL names no server: smtp+tls://user:password@smtp.example:587")
        # Ours has the callback that the outbox needs.
        found["EMAIL_BACKEND"] = "apps.common.smtp.EmailBackend"
    elif found["EMAIL_BACKEND"] == FILES:
        # django-environ drops the path's first slash, which would make it relative to the working directory.
        found["EMAIL_FILE_PATH"] = _folder(url)
    return found


def _folder(url: str) -> str:
    parts = urlsplit(url)
    if parts.netloc or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "EMAIL_URL=filemail: takes an absolute folder after three slashes: filemail:///folder"
        )
    return str(Path("/", unquote(parts.path).lstrip("/")))
