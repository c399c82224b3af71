"""Composes e-mails: a subject, a plain text and the same as HTML, in the reader's language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import salted_hmac

from apps.common.identity import shop_identity
from apps.common.translation import DEFAULT_LANGUAGE, LANGUAGES


@dataclass(frozen=True)
class Block:
    """A paragraph of `compose_text`; with `url` it is a button and `text` its label."""

    text: str
    url: str = ""


def compose(
    *, template: str, context: dict[str, Any], to: str, language: str, key: str, reply_to: Sequence[str] = ()
) -> EmailMultiAlternatives:
    """Render `<template>_subject.txt`, `<template>.txt` and `<template>.html` in `language`.

    The Message-ID is made from `key` alone, so that the reader's mailbox recognises a message that is sent again after
    a crash.
    """
    language = language if language in LANGUAGES else DEFAULT_LANGUAGE
    with translation.override(language):
        context = {"shop": shop_identity(), "site_url": settings.SITE_URL, "language": language, **context}
        subject = _one_line(render_to_string(f"{template}_subject.txt", context))
        context["subject"] = subject
        text = _tidy(render_to_string(f"{template}.txt", context))
        html = render_to_string(f"{template}.html", context)
    return message(to=to, subject=subject, text=text, html=html, key=key, reply_to=reply_to)


def compose_text(
    *, subject: str, text: str, to: str, language: str, key: str, reply_to: Sequence[str] = ()
) -> EmailMultiAlternatives:
    """A short message, its HTML made from its text.

    Paragraphs are separated by an empty line. One of two lines, « Label : » and a URL, becomes a button.
    """
    language = language if language in LANGUAGES else DEFAULT_LANGUAGE
    with translation.override(language):
        text = _tidy(text)
        context = {
            "shop": shop_identity(),
            "site_url": settings.SITE_URL,
            "language": language,
            "subject": _one_line(subject),
            "text": text,
            "blocks": _blocks(text),
        }
        return message(
            to=to,
            subject=context["subject"],
            text=_tidy(render_to_string("common/email/plain.txt", context)),
            html=render_to_string("common/email/plain.html", context),
            key=key,
            reply_to=reply_to,
        )


def message(
    *, to: str, subject: str, text: str, html: str, key: str, reply_to: Sequence[str] = ()
) -> EmailMultiAlternatives:
    """An e-mail ready to be sent. `Auto-Submitted` (RFC 3834) prevents absence notices in reply."""
    shop = shop_identity()
    mail = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=shop.sender,
        to=[to],
        reply_to=list(reply_to) or [shop.email or shop.sender],
        headers={"Message-ID": message_id(key), "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(html, "text/html")
    return mail


def message_id(key: str) -> str:
    """A keyed hash of `key`, so that the header reveals nothing of it."""
    domain = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{salted_hmac('apps.common.mail', key, algorithm='sha256').hexdigest()[:40]}@{domain}>"


def _one_line(subject: str) -> str:
    return " ".join(subject.splitlines()).strip()


def _tidy(text: str) -> str:
    """Removes trailing spaces, and all but one of the blank lines that template tags leave."""
    lines = [line if line == "-- " else line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _blocks(text: str) -> list[Block]:
    blocks = []
    for paragraph in text.strip().split("\n\n"):
        label, _, url = paragraph.strip().rpartition("\n")
        if label and re.fullmatch(r"https?://\S+", url):
            blocks.append(Block(text=re.sub(r"[\s:]+$", "", label), url=url))
        else:
            blocks.append(Block(text=paragraph.strip()))
    return blocks
