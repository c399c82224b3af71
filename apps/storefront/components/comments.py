from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from apps.catalogue.models import ProductOpinion
from apps.comments.models import MAX_TEXT
from apps.comments.threads import Thread
from apps.common.translation import LANGUAGES, current_language
from apps.storefront.components.templates import render

CACHED_COMMENTS = 1024
"""Threads, about 8 kB each with what they are found by."""
WRITE = "{write}"
"""Placeholder for the URL of a section's form in what is rendered once for each language."""


class Entry(NamedTuple):
    """A comment of `comments.threads` with its replies; its component depends on nothing else and the language."""

    id: int
    author: str
    text: str
    at: str
    edited: bool
    withdrawn: bool
    rating: int | None
    bought_on: str | None
    team: bool
    replies: "tuple[Entry, ...]"
    cut: bool
    more: int


def _entry(values: Thread) -> Entry:
    return Entry(
        values["id"],
        values["author"],
        values["text"],
        values["at"],
        values["edited"],
        values["withdrawn"],
        values["rating"],
        values["bought_on"],
        values["team"],
        tuple(map(_entry, values["replies"])),
        values.get("cut", False),
        values.get("more", 0),
    )


def render_section(
    section: str, *, threads: Sequence[Thread], following: str | None, opinion: ProductOpinion | None, script: str
) -> SafeString:
    """The whole widget, the same for every visitor: average, newest comments, link to older ones, form."""
    write = reverse("storefront:comments", args=[section])
    return render(
        "comment_section",
        summary=_summary(opinion, write=write),
        comments=render_threads(threads, section=section),
        older=f"{write}?suite={following}" if following else "",
        is_empty=not threads,
        form=_at(_form(current_language()), write),
        script=script,
    )


def _summary(opinion: ProductOpinion | None, *, write: str) -> SafeString:
    """The average rating of a product, with what the law requires beside reviews: who checks them, and their order."""
    if opinion is None:
        return SafeString("")
    rules = _at(_rules(current_language()), write)
    if not opinion.ratings:
        return rules
    return render("comment_average", average=opinion.average or 0, ratings=opinion.ratings) + rules


@lru_cache(maxsize=len(LANGUAGES))
def _rules(language: str) -> SafeString:
    return render("comment_rules", policy=reverse("storefront:reviews_policy"), write=WRITE)


@lru_cache(maxsize=len(LANGUAGES))
def _form(language: str) -> SafeString:
    return render("comment_form", write=WRITE, longest=MAX_TEXT)


def _at(component: SafeString, write: str) -> SafeString:
    return SafeString(component.replace(WRITE, escape(write)))


def render_threads(threads: Sequence[Thread], *, section: str) -> SafeString:
    """A list of comments, each with its replies. The list exists when empty too: the script adds new comments to it."""
    write = reverse("storefront:comments", args=[section])
    items = [render_comment(thread, write=write) for thread in threads]
    return render("comment_list", items=SafeString("".join(items)))


def render_comment(values: Thread, *, write: str, is_reply: bool = False) -> SafeString:
    return _comment(_entry(values), write, is_reply, current_language())


@lru_cache(maxsize=CACHED_COMMENTS)
def _comment(entry: Entry, write: str, is_reply: bool, language: str) -> SafeString:
    return _rendered(entry, write, is_reply)


def _rendered(entry: Entry, write: str, is_reply: bool) -> SafeString:
    return render(
        "comment",
        comment=entry,
        write=write,
        is_reply=is_reply,
        report=reverse("storefront:report_comment", args=[entry.id]),
        replies=SafeString("".join(_rendered(reply, write, True) for reply in entry.replies)),
    )
