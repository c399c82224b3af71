"""Reads exports of comments. What was spam or deleted there is left out; e-mail addresses are not taken along."""

import contextlib
import gzip
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, iterparse

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.common.spreadsheets import unguard
from apps.common.tabular.encoding import GZIP, ZIP
from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.feed import guarded
from apps.common.tabular.rejects import rows_of
from apps.common.tabular.source import Tabular, open_table

_SQLITE = b"SQLite format 3\0"
_BLOCKS = {"p", "div", "br", "li", "blockquote", "pre", "tr", "h1", "h2", "h3", "h4", "h5", "h6"}


@dataclass(frozen=True, slots=True)
class OldComment:
    """`key` and `parent` are the other program's numbers; `link` is the page that was commented on."""

    program: str
    key: str
    parent: str
    link: str
    author: str
    text: str
    at: datetime
    is_published: bool
    # It had stars. They are left: a rating here is that of somebody who bought here.
    was_rated: bool = False


def read_comments(path: Path) -> Iterator[OldComment]:
    """Raises UnreadableFile for none of the five, and OSError."""
    with path.open("rb") as file:
        opening = file.read(4096)
        if opening.startswith(GZIP):
            file.seek(0)
            with contextlib.suppress(EOFError, gzip.BadGzipFile):
                opening = gzip.GzipFile(fileobj=file).read(4096)
    reader: Callable[[Path], Iterator[OldComment]] | None = None
    if opening.startswith(_SQLITE):
        reader = _isso
    elif b"disqus.com" in opening:
        reader = _disqus
    elif b"wordpress.org/export" in opening or b"<wp:" in opening:
        reader = _wordpress
    elif b"reponse_a" in opening or (opening.startswith(ZIP) and "reponse_a" in _table(path).header):
        reader = _of_archive
    elif opening.lstrip()[:1] in (b"{", b"["):
        reader = _remark
    if reader is None:
        raise UnreadableFile(
            _(
                "Ce fichier n’est ni un export de Disqus (XML), ni de WordPress (WXR), ni une base Isso, ni Remark42, "
                "ni les commentaires d’une archive de cette boutique."
            )
        )
    try:
        yield from reader(path)
    except (ParseError, sqlite3.DatabaseError, EOFError, gzip.BadGzipFile, ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(
            _("Cet export de commentaires est abîmé ou incomplet : refaites-le (%(why)s).") % {"why": error}
        ) from error


def _elements(path: Path, tag: str) -> Iterator[Element]:
    with path.open("rb") as raw, guarded(raw) as file:
        for _event, element in iterparse(file, events=("end",)):  # noqa: S314
            if _local(element.tag) == tag:
                yield element


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _child(element: Element, tag: str) -> str:
    return next(((child.text or "").strip() for child in element if _local(child.tag) == tag), "")


def _id(element: Element | None) -> str:
    return (
        next((value for name, value in element.attrib.items() if _local(name) == "id"), "")
        if element is not None
        else ""
    )


def _find(element: Element, tag: str) -> Element | None:
    return next((child for child in element if _local(child.tag) == tag), None)


def _disqus(path: Path) -> Iterator[OldComment]:
    """https://help.disqus.com/en/articles/1717164-comments-export"""
    links = {_id(thread): _child(thread, "link") for thread in _elements(path, "thread") if _child(thread, "link")}
    for comment in _elements(path, "post"):
        if "true" in (_child(comment, "isDeleted"), _child(comment, "isSpam")):
            continue
        author = _find(comment, "author")
        yield OldComment(
            program="disqus",
            key=_id(comment),
            parent=_id(_find(comment, "parent")),
            link=links.get(_id(_find(comment, "thread")), ""),
            author=_child(author, "name") if author is not None else "",
            text=plain_text(_child(comment, "message")),
            at=_instant(_child(comment, "createdAt")),
            is_published=_child(comment, "isApproved") != "false",
        )


def _wordpress(path: Path) -> Iterator[OldComment]:
    """WXR: each page or product is an item, its comments stand in it."""
    for item in _elements(path, "item"):
        for comment in item:
            if _local(comment.tag) != "comment" or _child(comment, "comment_type") in ("pingback", "trackback"):
                continue
            approved = _child(comment, "comment_approved")
            if approved not in ("0", "1"):
                continue
            parent = _child(comment, "comment_parent")
            yield OldComment(
                program="wordpress",
                key=_child(comment, "comment_id"),
                parent="" if parent == "0" else parent,
                link=_child(item, "link"),
                author=_child(comment, "comment_author"),
                text=plain_text(_child(comment, "comment_content")),
                at=_instant(_child(comment, "comment_date_gmt")),
                is_published=approved == "1",
            )
        item.clear()


def _isso(path: Path) -> Iterator[OldComment]:
    """Its database; mode 1 is published, 2 waits, 4 was deleted."""
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = base.execute(
            "SELECT c.id, c.parent, t.uri, c.author, c.text, c.created, c.mode FROM comments c"
            " JOIN threads t ON t.id = c.tid WHERE c.mode IN (1, 2) ORDER BY c.id"
        )
        for key, parent, uri, author, text, created, mode in rows:
            yield OldComment(
                program="isso",
                key=str(key),
                parent=str(parent or ""),
                link=uri or "",
                author=author or "",
                text=plain_text(text or ""),
                at=datetime.fromtimestamp(float(created), UTC),
                is_published=mode == 1,
            )
    finally:
        base.close()


def _remark(path: Path) -> Iterator[OldComment]:
    """A backup: one comment a line below a first one that says its version; or a list of them."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw.startswith(GZIP) else raw).decode("utf-8-sig")
    rows: list[Any] = json.loads(text) if text.lstrip().startswith("[") else _lines(text)
    for row in rows:
        if "locator" not in row or row.get("deleted"):
            continue
        yield OldComment(
            program="remark42",
            key=str(row["id"]),
            parent=str(row.get("pid") or ""),
            link=str(row["locator"].get("url") or ""),
            author=str((row.get("user") or {}).get("name") or ""),
            text=plain_text(str(row.get("text") or row.get("orig") or "")),
            at=_instant(str(row.get("time") or "")),
            is_published=True,
        )


def _of_archive(path: Path) -> Iterator[OldComment]:
    """« commentaires » of an archive of this shop, in JSON, CSV or XLSX; refused ones are left out."""
    for row in _archived_rows(path):
        if row["etat"] not in ("PUBLISHED", "PENDING"):
            continue
        yield OldComment(
            program="webmarket",
            key=str(row["numero"]),
            parent=str(row["reponse_a"] or ""),
            link=str(row["section"]),
            author=str(row["auteur"]),
            text=str(row["texte"]),
            at=_local_instant(str(row["ecrit_le"])),
            is_published=row["etat"] == "PUBLISHED",
            was_rated=bool(row["note"]),
        )


def _table(path: Path) -> Tabular:
    return open_table(partial(path.open, "rb"), path.name)


def _archived_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        is_json = file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"[")
    if is_json:
        yield from json.loads(path.read_text("utf-8-sig"))
        return
    source = _table(path)
    for row in rows_of(source):
        yield dict(zip(source.header, map(unguard, row.cells), strict=False))


def _lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _instant(text: str) -> datetime:
    instant = parse_datetime(text)
    if instant is None:
        raise ValueError(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _local_instant(text: str) -> datetime:
    """A time without a zone is the shop's, as an archive's CSV has it."""
    instant = parse_datetime(text)
    if instant is None:
        raise ValueError(text)
    return instant if instant.tzinfo else timezone.make_aware(instant)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(html: str) -> str:
    """The text of a comment in HTML, or of one that is text already; paragraphs stay apart."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = [" ".join(line.split()) for line in "".join(parser.parts).replace("\0", "").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
