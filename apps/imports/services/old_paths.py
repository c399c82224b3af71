"""The list of old links: entries by hand or from a file, and how often each was asked for."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, PositiveIntegerField, Value, When
from django.urls import Resolver404, resolve
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _

from apps.catalogue.listing.page_urls import category_url, page_of_path, product_url
from apps.catalogue.models import PageAddress
from apps.common.errors import DomainError
from apps.common.spreadsheets import unguard
from apps.common.tabular.errors import Refusal
from apps.common.tabular.header import normalised
from apps.common.tabular.rejects import rows_of
from apps.common.tabular.source import Tabular, open_table
from apps.common.transactions import retry_on_deadlock
from apps.imports.models import OldPath, UnknownPath
from apps.imports.old_paths.links import LONGEST, normal_path

MOST_ROWS = 20_000
MOST_UNKNOWN = 1000
MAX_LISTED = 200
_BATCH = 500
OLD = ("Ancienne adresse", "Ancienne URL", "Ancien", "Redirect from", "Old", "Old URL", "From", "Source", "source_url")
NEW = ("Nouvelle adresse", "Nouvelle URL", "Nouveau", "Redirect to", "New", "New URL", "To", "Target", "Destination")
_WORDS = frozenset(map(normalised, (*OLD, *NEW)))
_DANGEROUS = re.compile(r"[\\\x00-\x20\x7f]|^//")


class PathRefused(DomainError):
    code = "path_refused"


@dataclass
class PathsReport:
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    # (line, reason)
    rejects: list[tuple[int, str]] = field(default_factory=list)
    rejected: int = 0

    def refuse(self, line: int, reason: str) -> None:
        self.rejected += 1
        if len(self.rejects) < MAX_LISTED:
            self.rejects.append((line, reason))


@dataclass(frozen=True, slots=True)
class Target:
    """One of a product, a rayon, and a path that is a page of ours."""

    product_id: int | None = None
    category_id: int | None = None
    to_path: str = ""


def add_path(*, old: str, new: str, now: datetime) -> OldPath:
    """One entry by hand; an entry of that path is replaced. Raises PathRefused."""
    report = _write([(1, old, new)], now)
    if report.rejects:
        raise PathRefused(report.rejects[0][1])
    return OldPath.objects.get(path=_path(old))


def import_paths(*, open_: Callable[[], Any], name: str, now: datetime, dry_run: bool = False) -> PathsReport:
    """A table of two columns, with names or without: the former path, and the path or address here. A repeat changes
    nothing. Raises UnreadableFile, and PathRefused for a file of too many rows."""
    rows: list[tuple[int, str, str]] = []
    for row in _rows(open_, name):
        if len(rows) >= MOST_ROWS:
            raise PathRefused(_("Ce fichier dépasse %(limit)s lignes. Coupez-le en plusieurs.") % {"limit": MOST_ROWS})
        rows.append(row)
    return _write(rows, now, dry_run=dry_run)


# An archive's table of old paths says in which of three columns a path leads.
_ARCHIVED = ("ancienne", "produit", "rayon", "page")


def _rows(open_: Callable[[], Any], name: str) -> Iterator[tuple[int, str, str]]:
    source = open_table(open_, name, words=_WORDS)
    names = [normalised(each) for each in source.header]
    if set(_ARCHIVED) <= set(names):
        yield from _archived_rows(source, [names.index(name) for name in _ARCHIVED])
        return
    old = next((names.index(key) for each in OLD if (key := normalised(each)) in names), None)
    new = next((names.index(key) for each in NEW if (key := normalised(each)) in names), None)
    if old is None or new is None:
        source, old, new = open_table(open_, name, has_header=False), 0, 1
        first = [*source.header, "", ""]
        yield 1, first[0].strip(), first[1].strip()
    for row in source.rows():
        cells = [*row.cells, "", ""]
        yield row.line, cells[old].strip(), cells[new].strip()


def _archived_rows(source: Tabular, places: list[int]) -> Iterator[tuple[int, str, str]]:
    for row in rows_of(source):
        cells = [*row.cells, "", "", "", ""]
        path, product, category, page = (unguard(cells[at].strip()) for at in places)
        if product:
            page = product_url(product, "fr")
        elif category:
            page = category_url(category, "fr")
        yield row.line, path, page


def _write(rows: list[tuple[int, str, str]], now: datetime, *, dry_run: bool = False) -> PathsReport:
    report = PathsReport()
    wanted: dict[str, tuple[int, str]] = {}
    for line, old, new in rows:
        try:
            path = _path(old)
            if path in wanted:
                raise Refusal(_("même ancienne adresse que la ligne %(line)s") % {"line": wanted[path][0]})
            wanted[path] = (line, _local(new))
        except Refusal as refusal:
            report.refuse(line, str(refusal))
    held = _held(wanted)
    chains = _held(normal_path(new) for _line, new in wanted.values())
    slugs = _pages(new for _line, new in wanted.values())
    entries: dict[str, Target] = {}
    for path, (line, new) in wanted.items():
        try:
            entries[path] = _target(path, new, wanted, chains, slugs)
        except Refusal as refusal:
            report.refuse(line, str(refusal))
    report.rejects.sort()
    for path, target in entries.items():
        former = held.get(path)
        if former is None:
            report.created += 1
        elif former == target:
            report.unchanged += 1
        else:
            report.changed += 1
    if not dry_run:
        _store(entries, held, now)
    return report


def _path(old: str) -> str:
    """The former path of a link or a path, as it is kept. Raises Refusal."""
    if not old:
        raise Refusal(_("l’ancienne adresse manque"))
    if old.startswith("^") or "(.*)" in old:
        raise Refusal(
            _("« %(path)s » est une expression, pas une adresse : donnez une ligne par page") % {"path": old[:80]}
        )
    try:
        parts = urlsplit(old if "://" in old or old.startswith("/") else f"/{old}")
    except ValueError:
        raise Refusal(_("« %(path)s » n’est pas une adresse") % {"path": old[:80]}) from None
    path = normal_path(parts.path, parts.query)
    if len(path) > LONGEST:
        raise Refusal(_("l’ancienne adresse dépasse %(longest)s caractères") % {"longest": LONGEST})
    if path == "/":
        raise Refusal(_("la page d’accueil ne se redirige pas"))
    if _is_page(parts.path):
        raise Refusal(_("« %(path)s » est une page de la boutique : elle ne se redirige pas") % {"path": path[:80]})
    return path


def _local(new: str) -> str:
    """A path of this shop, from a path or a link to it. Raises Refusal for another site's."""
    if not new:
        raise Refusal(_("la nouvelle adresse manque"))
    written = unquote(new) if "://" not in new else new
    if _DANGEROUS.search(new) or _DANGEROUS.search(written):
        raise Refusal(_("« %(path)s » n’est pas une adresse de cette boutique") % {"path": new[:80]})
    try:
        parts = urlsplit(new if "://" in new or new.startswith("/") else f"/{new}")
        host = parts.hostname or ""
    except ValueError:
        raise Refusal(_("« %(path)s » n’est pas une adresse") % {"path": new[:80]}) from None
    if parts.scheme not in ("", "http", "https") or (host and host != urlsplit(settings.SITE_URL).hostname):
        raise Refusal(_("« %(path)s » est sur un autre site : on ne redirige qu’ici") % {"path": new[:80]})
    path = parts.path or "/"
    if path.startswith("//") or len(path) > LONGEST:
        raise Refusal(_("« %(path)s » n’est pas une adresse de cette boutique") % {"path": new[:80]})
    return path


def _is_page(path: str) -> bool:
    """Whether this shop answers at a path, with or without its last slash; a product's or rayon's may still be missing,
    and is not counted."""
    both = dict.fromkeys((path, path.rstrip("/") + "/"))
    return any(page_of_path(each) is None and _resolves(each) for each in both)


def _resolves(path: str) -> bool:
    with override(get_language_from_path(path) or settings.LANGUAGE_CODE):
        try:
            resolve(unquote(path))
        except Resolver404:
            return False
    return True


def _target(
    path: str,
    new: str,
    wanted: Mapping[str, tuple[int, str]],
    chains: Mapping[str, Target],
    slugs: Mapping[tuple[str, str], Target],
) -> Target:
    """Where an entry leads at last: through other entries of the file and of the list. Raises Refusal for a circle and
    for a page that does not exist."""
    seen = {path}
    while True:
        page = page_of_path(new)
        if page is not None and page in slugs:
            return slugs[page]
        if page is None and _resolves(new if new.endswith("/") else f"{new}/"):
            return Target(to_path=new)
        key = normal_path(new)
        if key in seen:
            raise Refusal(_("cette adresse mène en rond : « %(path)s »") % {"path": new[:80]})
        seen.add(key)
        if key in wanted:
            new = wanted[key][1]
        elif key in chains:
            return chains[key]
        else:
            raise Refusal(_("aucune page ici à « %(path)s »") % {"path": new[:80]})


def _held(paths: Any) -> dict[str, Target]:
    keys, found = list(dict.fromkeys(paths)), {}
    for start in range(0, len(keys), _BATCH):
        rows = OldPath.objects.filter(path__in=keys[start : start + _BATCH]).order_by()
        for key, product, category, to_path in rows.values_list("path", "product_id", "category_id", "to_path"):
            found[key] = Target(product, category, to_path)
    return found


def _pages(paths: Iterator[str]) -> dict[tuple[str, str], Target]:
    """Products and rayons by kind and slug, present and former."""
    pages = list(dict.fromkeys(page for path in paths if (page := page_of_path(path)) is not None))
    found: dict[tuple[str, str], Target] = {}
    for start in range(0, len(pages), _BATCH):
        slugs = [slug for _kind, slug in pages[start : start + _BATCH]]
        rows = PageAddress.objects.filter(slug__in=slugs).order_by("-pk")
        for kind, slug, product, category in rows.values_list("kind", "slug", "product_id", "category_id"):
            found[kind, slug] = Target(product, category)
    return found


@retry_on_deadlock
def _store(entries: Mapping[str, Target], held: Mapping[str, Target], now: datetime) -> None:
    """Paths that are known now leave the list of unknown ones."""
    with transaction.atomic():
        rows = [
            OldPath(path=path, created_at=now, **_columns(target))
            for path, target in entries.items()
            if path not in held
        ]
        OldPath.objects.bulk_create(rows, batch_size=_BATCH)
        for path, target in sorted(entries.items()):
            if path in held and held[path] != target:
                OldPath.objects.filter(path=path).update(**_columns(target))
        keys = sorted(entries)
        for start in range(0, len(keys), _BATCH):
            UnknownPath.objects.filter(path__in=keys[start : start + _BATCH]).delete()


def _columns(target: Target) -> dict[str, Any]:
    return {"product_id": target.product_id, "category_id": target.category_id, "to_path": target.to_path}


@retry_on_deadlock
def count_paths(*, listed: Mapping[str, int], unknown: Mapping[str, int], now: datetime) -> None:
    """Add counts of some minutes. Of unknown paths those asked for most are kept; a new one replaces the least."""
    with transaction.atomic():
        _add(OldPath.objects.filter(pk__in=listed), "pk", {int(pk): count for pk, count in listed.items()}, now)
        held = set(UnknownPath.objects.filter(path__in=unknown).values_list("path", flat=True))
        _add(
            UnknownPath.objects.filter(path__in=held),
            "path",
            {path: count for path, count in unknown.items() if path in held},
            now,
        )
        new = sorted(((count, path) for path, count in unknown.items() if path not in held), reverse=True)
        if not new:
            return
        over = UnknownPath.objects.count() + len(new) - MOST_UNKNOWN
        if over > 0:
            least = UnknownPath.objects.order_by("hits", "last_asked_at", "pk").values_list("pk", flat=True)[:over]
            UnknownPath.objects.filter(pk__in=list(least)).delete()
        UnknownPath.objects.bulk_create(
            [UnknownPath(path=path, hits=count, first_asked_at=now, last_asked_at=now) for count, path in new],
            ignore_conflicts=True,
        )


def _add(rows: Any, column: str, counts: Mapping[Any, int], now: datetime) -> None:
    if counts:
        cases = [When(**{column: key}, then=Value(count)) for key, count in sorted(counts.items())]
        added = Case(*cases, default=Value(0), output_field=PositiveIntegerField())
        rows.update(hits=F("hits") + added, last_asked_at=now)
