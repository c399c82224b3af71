"""Mailbox of the demonstration: reads the e-mails that the file backend writes under var/mail."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import cast

# django.core.mail.backends.filebased ends each message with this.
SEPARATOR = b"\n" + b"-" * 79 + b"\n"
MAX_MAILS = 100


@dataclass(frozen=True)
class Mail:
    key: str
    subject: str
    to: str
    sent_at: datetime | None
    text: str
    html: str


def newest(folder: Path) -> list[Mail]:
    """At most `MAX_MAILS`, the latest first."""
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)[:MAX_MAILS]
    return [mail for file in files for mail in reversed(_read(file))][:MAX_MAILS]


def find(folder: Path, key: str) -> Mail | None:
    """The message `key` of `newest`; any other key finds nothing."""
    name = key.rpartition(".")[0]
    file = folder / f"{name}.log"
    if "/" in name or "\0" in name or file.parent != folder or not file.is_file():
        return None
    return next((mail for mail in _read(file) if mail.key == key), None)


def _read(file: Path) -> list[Mail]:
    messages = [part for part in file.read_bytes().split(SEPARATOR) if part.strip()]
    return [_parse(raw, f"{file.stem}.{number}") for number, raw in enumerate(messages)]


def _parse(raw: bytes, key: str) -> Mail:
    message = cast(EmailMessage, message_from_bytes(raw, policy=policy.default))
    return Mail(
        key=key,
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        sent_at=_date(message),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _date(message: EmailMessage) -> datetime | None:
    if not message["Date"]:
        return None
    sent_at = parsedate_to_datetime(message["Date"])
    # "-0000" is UTC of an unknown place (RFC 5322, 3.3), which Python reads as naive.
    return sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return part.get_content() if part else ""
