"""Brings comments in from other programs, once: a repeat of the file, or a longer one of later, adds what is new."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalogue.models import PageAddress
from apps.comments.models import MAX_SECTION, MAX_TEXT, Comment
from apps.comments.sections import section_of
from apps.comments.services.refresh import refresh_section
from apps.common.transactions import retry_on_deadlock
from apps.imports.comments.readers import OldComment

_BATCH = 500
_LONGEST_AUTHOR = 80


@dataclass
class CommentsReport:
    created: int = 0
    repeated: int = 0
    sections: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def import_comments(
    *, comments: Iterable[OldComment], sections: Mapping[str, str], dry_run: bool = False
) -> CommentsReport:
    """`sections` are section ids by link. Others go to the product whose page the link's last word is or was, and else
    to a section named by the link itself.

    Replies to replies join the conversation they belong to: here it has one level.
    """
    report = CommentsReport()
    old = [comment for comment in comments if _is_whole(comment, report)]
    if rated := sum(comment.was_rated for comment in old):
        report.left_out[_("note (le texte est repris) : ici, une note est celle d’un achat d’ici")] = rated
    chosen = {link: sections.get(link) or _section(link) for link in dict.fromkeys(comment.link for comment in old)}
    by_key = {comment.key: comment for comment in old}
    ids: dict[str, int] = {}
    # Those that begin a conversation first: their replies need their ids.
    for is_reply in (False, True):
        batch = [each for each in old if (_root(each, by_key) is not each) == is_reply]
        for start in range(0, len(batch), _BATCH):
            _write(batch[start : start + _BATCH], by_key, chosen, ids, report, dry_run=dry_run)
    if not dry_run:
        for section in report.sections:
            with transaction.atomic():
                refresh_section(section)
    return report


def _is_whole(comment: OldComment, report: CommentsReport) -> bool:
    if not comment.text:
        report.left_out[_("sans texte")] += 1
    elif not comment.link:
        report.left_out[_("sans page")] += 1
    else:
        return True
    return False


def _root(comment: OldComment, by_key: Mapping[str, OldComment]) -> OldComment:
    """What began the conversation; itself where what it answers is gone, or answers it in a circle."""
    seen = {comment.key}
    at = comment
    while (parent := by_key.get(at.parent)) is not None and parent.link == comment.link:
        if parent.key in seen:
            return comment
        seen.add(parent.key)
        at = parent
    return at


def _section(link: str) -> str:
    slug = unquote(urlsplit(link).path).rstrip("/").rpartition("/")[2].removesuffix(".html").lower()
    page = PageAddress.objects.filter(kind=PageAddress.Kind.PRODUCT, slug=slug[:220]).first() if slug else None
    if page is not None and page.product_id:
        return section_of(page.product_id)
    return link[:MAX_SECTION]


def _request_key(comment: OldComment) -> str:
    return hashlib.sha256(f"{comment.program}\n{comment.link}\n{comment.key}".encode()).hexdigest()


@retry_on_deadlock
def _write(
    batch: list[OldComment],
    by_key: Mapping[str, OldComment],
    sections: Mapping[str, str],
    ids: dict[str, int],
    report: CommentsReport,
    *,
    dry_run: bool,
) -> None:
    keys = {comment.key: _request_key(comment) for comment in batch}
    with transaction.atomic():
        held = _ids(keys.values())
        new = [comment for comment in batch if keys[comment.key] not in held]
        if not dry_run:
            Comment.objects.bulk_create(_row(comment, by_key, sections, ids, keys[comment.key]) for comment in new)
            held = _ids(keys.values())
    ids |= {comment.key: held[key] for comment in batch if (key := keys[comment.key]) in held}
    report.created += len(new)
    report.repeated += len(batch) - len(new)
    report.sections.update(sections[comment.link] for comment in new)


def _ids(keys: Iterable[str]) -> dict[str, int]:
    rows = Comment.objects.filter(request_key__in=list(keys))
    return {key: pk for key, pk in rows.values_list("request_key", "pk") if key}


def _row(
    comment: OldComment,
    by_key: Mapping[str, OldComment],
    sections: Mapping[str, str],
    ids: Mapping[str, int],
    request_key: str,
) -> Comment:
    root = _root(comment, by_key)
    status = Comment.Status.PUBLISHED if comment.is_published else Comment.Status.PENDING
    return Comment(
        section_id=sections[comment.link],
        author=(comment.author or _("Anonyme"))[:_LONGEST_AUTHOR],
        text=comment.text[:MAX_TEXT],
        parent_id=ids.get(root.key) if root is not comment else None,
        status=status,
        first_status=status,
        created_at=comment.at,
        updated_at=comment.at,
        request_key=request_key,
    )
