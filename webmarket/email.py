"""How the shop sends e-mail, read from EMAIL_URL."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def settings(env: Env, *, folder: Path, demo: bool) -> dict[str, Any]:
    """Django's EMAIL_… settings. A demo without EMAIL_URL writes its messages to `folder`.

    Raises ImproperlyConfigured for a `filemail:` URL that names no absolute folder.
    """
    url = env.str("EMAIL_URL", default=f"filemail://{folder}" if demo else Env.NOTSET)
    found = {name: value for name, value in env.email_url_config(url).items() if name.startswith("EMAIL_")}
    if found["EMAIL_BACKEND"] == SMTP:
        # It tells when a message is about to be the server's.
        found["EMAIL_BACKEND"] = "apps.common.smtp.EmailBackend"
    if url.startswith("filemail:"):
        # django-environ drops the path's first slash, which makes it relative to wherever a process was started.
        found["EMAIL_FILE_PATH"] = _folder(url)
    return found


def _folder(url: str) -> str:
    parts = urlsplit(url)
    if parts.netloc or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "EMAIL_URL=filemail: takes an absolute folder after three slashes: filemail:///folder"
        )
    return str(Path("/", parts.path.lstrip("/")))
