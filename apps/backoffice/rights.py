"""Permissions of each group on each screen of the back office, computed from the registered screens.

`docs/admin-rights.md` is this table as decided. A test fails on a new screen, action or page, or a new permission,
until the file has it too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from apps.backoffice.order_desk import CHANGE, VERBS
from apps.backoffice.people import PERMISSION as HANDLE_PERSON
from apps.backoffice.services.groups import GROUPS, permissions_of

SUPERUSER = "Superuser"
WRITTEN = Path("docs", "admin-rights.md")
VERB_CODES = {"view": "V", "add": "A", "change": "C", "delete": "D", "export": "X"}
# Pages beside Django's five of a model: url name -> the permission that its view requires.
STAFF = "staff"
PAGES = {
    # Of the site itself; what they show is filtered by what the person may see.
    "app_list": STAFF,
    "autocomplete": STAFF,
    "index": STAFF,
    "jsi18n": STAFF,
    "login": "anyone",
    "logout": "anyone",
    "password_change": STAFF,
    "password_change_done": STAFF,
    "search": STAFF,
    "view_on_site": STAFF,
    # The account's password, set by somebody else.
    "auth_user_password_change": "accounts.change_user",
    # Ours.
    "aftersales_withdrawal_verb": "aftersales.change_withdrawal",
    "backoffice:board": "prospects.view_prospect",
    "backoffice:board_delete_view": "prospects.view_prospect",
    "backoffice:board_move": "prospects.change_prospect",
    "backoffice:board_save_view": "prospects.view_prospect",
    "backoffice:team": "accounts.manage_team",
    "catalogue_image_ticket": "catalogue.change_productimage",
    **dict.fromkeys(
        (
            *("catalogue_import_columns", "catalogue_import_confirm", "catalogue_import_pause"),
            *("catalogue_import_encoding", "catalogue_import_ask_again"),
            *("catalogue_import_reopen", "catalogue_import_resume", "catalogue_import_stop", "catalogue_import_undo"),
        ),
        "catalogue.change_catalogueimport",
    ),
    **dict.fromkeys(
        ("catalogue_import_file", "catalogue_import_products", "catalogue_import_rejects"),
        "catalogue.view_catalogueimport",
    ),
    **dict.fromkeys(
        ("stock_sheet_book", "stock_sheet_discard", "stock_sheet_enter", "stock_sheet_pieces"),
        "catalogue.change_stocksheet",
    ),
    "stock_sheet_print": "catalogue.view_stocksheet",
    "catalogue_product_simple_history": "catalogue.view_product",
    "comments_comment_import": "comments.change_comment",
    "comments_comment_moderation": "comments.change_comment",
    "history_import_columns": "imports.change_historyimport",
    "history_import_confirm": "imports.change_historyimport",
    "history_import_invite": "imports.change_historyimport",
    "history_import_rejects": "imports.view_historyimport",
    "history_import_undo": "imports.change_historyimport",
    "imports_oldpath_import": "imports.add_oldpath",
    "imports_shopexport_ask": "imports.add_shopexport",
    "imports_shopexport_take": "imports.add_shopexport",
    "invoicing_document_books": "invoicing.view_document",
    "invoicing_document_cash": "invoicing.view_document",
    "invoicing_document_fec": "invoicing.view_document",
    "invoicing_document_pdf": "invoicing.view_document",
    "operations_audit": "operations.view_operationrun",
    "operations_backups": "operations.view_operationrun",
    "operations_dead_letters": "operations.view_operationrun",
    "operations_load": "operations.view_operationrun",
    "operations_start": "operations.start_operation",
    "orders_order_verb": CHANGE,
    "person": HANDLE_PERSON,
    **dict.fromkeys(
        ("prospect_import_columns", "prospect_import_confirm", "prospect_import_rejects"),
        "prospects.change_prospectimport",
    ),
    "prospects_card_compare": "prospects.change_prospect",
    "prospects_card_convert": "prospects.change_prospect",
    "prospects_card_delete": "prospects.delete_prospect",
    "prospects_card_download": "prospects.view_prospect",
    "prospects_card_file": "prospects.change_prospect",
    "prospects_card_merge": "prospects.change_prospect",
    "prospects_card_move": "prospects.change_prospect",
    "prospects_card_note": "prospects.change_prospect",
    "prospects_card_unfile": "prospects.change_prospect",
    "prospects_card_unmerge": "prospects.change_prospect",
    "prospects_digest": "prospects.view_prospect",
    "prospects_restore": "prospects.delete_prospect",
    "prospects_trash": "prospects.delete_prospect",
    "shop_shop_open": "shop.change_shop",
    "shop_shop_terms": "shop.change_shop",
}
HEAD = """# What each group may do in the back office

Kept by `python manage.py admin_rights` and held by a test: a screen, an action or a page that is new differs from this
file until somebody decides who may use it, in `apps/backoffice/services/groups.py`, and writes it here
(`manage.py admin_rights --write`). Read the difference before it is committed.

V view, A add, C change, D delete, X take the list away as a file; – nothing. An account of the team is changed by
superusers alone, whatever stands in the row of `accounts.User`.
"""


@dataclass(frozen=True)
class Member:
    """A member of one group, or a superuser: enough of a user for a ModelAdmin to decide, without a database."""

    group: str
    is_active: bool = True
    is_staff: bool = True
    pk: int = 0

    @property
    def is_superuser(self) -> bool:
        return self.group == SUPERUSER

    @cached_property
    def permissions(self) -> frozenset[str]:
        return frozenset() if self.is_superuser else permissions_of(self.group)

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return self.is_superuser or permission in self.permissions

    def has_perms(self, permissions: Any, obj: object = None) -> bool:
        return all(self.has_perm(permission) for permission in permissions)

    def has_module_perms(self, app: str) -> bool:
        return self.is_superuser or any(each.startswith(f"{app}.") for each in self.permissions)


@dataclass(frozen=True)
class Row:
    """`cells` by group."""

    what: str
    cells: dict[str, str]


def columns() -> list[str]:
    return [*GROUPS, SUPERUSER]


def screens() -> dict[str, ModelAdmin]:
    """`app.Model` -> its screen, in order."""
    return dict(sorted((model._meta.label, screen) for model, screen in admin.site._registry.items()))


def request_of(user: Any) -> HttpRequest:
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = reverse("admin:index")
    request.user = user
    return request


def verbs(screen: Any, request: HttpRequest) -> str:
    codes = [
        code
        for verb, code in VERB_CODES.items()
        if hasattr(screen, f"has_{verb}_permission") and getattr(screen, f"has_{verb}_permission")(request)
    ]
    return "".join(codes)


def actions(screen: Any, request: HttpRequest) -> set[str]:
    """What the list offers to do with chosen rows, and the record beside its button."""
    if not verbs(screen, request):
        return set()
    beside = screen.get_actions_submit_line(request, 0)
    return {*screen.get_actions(request), *(each.action_name for each in beside)}


def pages() -> dict[str, str]:
    """Every page under the admin that is none of a model's five: name -> route."""
    django = {
        f"{screen.opts.app_label}_{screen.opts.model_name}_{page}"
        for screen in screens().values()
        for page in ("changelist", "add", "history", "delete", "change", "export")
    }
    ours = {"prospects_card_delete"}
    found: dict[str, str] = {}
    for name, route in _walk(get_resolver().url_patterns, "", ""):
        if route.startswith("admin/"):
            bare = name.removeprefix("admin:")
            if bare and (bare in ours or bare not in django):
                found[bare] = route
    return found


def _walk(patterns: Any, route: str, namespace: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, here, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield namespace + pattern.name, here


def may_open(user: Any, permission: str) -> bool:
    return permission in (STAFF, "anyone") or user.has_perm(permission)


def rows(people: Mapping[str, Any]) -> dict[str, list[Row]]:
    """The tables by title; `people` is somebody of each column."""
    requests = {name: request_of(person) for name, person in people.items()}
    lists: list[Row] = []
    for label, screen in screens().items():
        lists.append(_row(f"`{label}`", {name: verbs(screen, each) for name, each in requests.items()}))
        offered = {name: actions(screen, each) for name, each in requests.items()}
        for action in sorted(set().union(*offered.values())):
            lists.append(_row(f"– action `{action}`", {name: action in offered[name] for name in requests}))
        for inline in screen.inlines:
            inside = inline(screen.model, admin.site)
            cells = {name: _inline_verbs(inside, each) for name, each in requests.items()}
            lists.append(_row(f"– inside it `{inside.opts.label}`", cells))
    beside = []
    for page in sorted(pages()):
        asked = PAGES.get(page)
        beside.append(
            _row(f"`{page}`", {name: may_open(each, asked) if asked else "?" for name, each in people.items()})
        )
    desk = [
        _row(f"`{name}`", {who: each.has_perm(verb.permission) for who, each in people.items()})
        for name, verb in VERBS.items()
    ]
    return {"Lists and records": lists, "Other pages": beside, "What is done with an order": desk}


def _row(what: str, cells: Mapping[str, str | bool]) -> Row:
    return Row(what, {who: cell if isinstance(cell, str) else "yes" if cell else "" for who, cell in cells.items()})


def _inline_verbs(inline: Any, request: HttpRequest) -> str:
    codes = ""
    for verb in ("view", "add", "change", "delete"):
        allowed = getattr(inline, f"has_{verb}_permission")(request, None)
        if verb == "delete":
            allowed = allowed and inline.can_delete
        if verb == "add":
            allowed = allowed and inline.max_num != 0
        codes += VERB_CODES[verb] if allowed else ""
    return codes


def table(people: Mapping[str, Any] | None = None) -> str:
    """The whole file. By default for what groups.py says; else for the accounts given."""
    names, parts = columns(), [HEAD]
    with translation.override("fr"):
        for title, found in rows(people or {name: Member(name) for name in names}).items():
            parts.append(f"## {title}\n\n| | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
            parts += [f"| {row.what} | {' | '.join(row.cells[name] or '–' for name in names)} |" for row in found]
            parts.append("")
    return "\n".join(parts)


def written() -> str:
    return (settings.BASE_DIR / WRITTEN).read_text()


def decided() -> dict[str, dict[str, str]]:
    """The file's rows: `screen`, `screen / action x` or page -> cell by group, "" for nothing."""
    found: dict[str, dict[str, str]] = {}
    names: list[str] = []
    above = ""
    for line in written().splitlines():
        if not line.startswith("|") or line.startswith("|---"):
            continue
        what, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if not what:
            names = cells
            continue
        key = what.replace("`", "")
        if key.startswith("– "):
            key = f"{above} / {key.removeprefix('– ')}"
        else:
            above = key
        found[key] = {name: "" if cell == "–" else cell for name, cell in zip(names, cells, strict=True)}
    return found
