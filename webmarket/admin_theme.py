"""django-unfold's settings: the back office's name, colours (the design tokens) and menu."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

_PAGES: list[str] = []


@lru_cache(maxsize=512)
def _open_page(path: str, _language: str | None) -> str:
    """The menu entry with the longest URL that `path` begins with; empty for none."""
    around = [name for name in _PAGES if path.startswith(reverse(name))]
    return max(around, key=lambda name: len(reverse(name)), default="")


def _open_at(page: str) -> Callable[[HttpRequest], bool]:
    """Whether the current page belongs to this entry. Called several times per entry and page."""
    _PAGES.append(page)
    return lambda request: _open_page(request.path, get_language()) == page


def _item(title: Any, icon: str, model: str, page: str = "") -> dict[str, Any]:
    """A menu entry to the list of `app.model`, or to a page of its own, for whoever may see the model."""
    app, name = model.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(page or f"admin:{app}_{name}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{name}"),
        "active": _open_at(page or f"admin:{app}_{name}_changelist"),
    }


def _shop_name(request: HttpRequest) -> str:
    # Settings are loaded before any app.
    from apps.shop.identity import current

    return current().name


UNFOLD = {
    "SITE_TITLE": _shop_name,
    "SITE_HEADER": _shop_name,
    "SITE_SUBHEADER": _("Arrière-boutique"),
    "SITE_SYMBOL": "storefront",
    "LOGIN": {"form": "apps.backoffice.login.StaffLoginForm"},
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "DASHBOARD_CALLBACK": "apps.backoffice.dashboard.dashboard",
    "STYLES": [lambda request: static("backoffice/admin.css")],
    "COLORS": {
        "base": {
            "50": "#fbf8f2",
            "100": "#f4efe5",
            "200": "#e4ddd0",
            "300": "#cfc8ba",
            "400": "#9aa39d",
            "500": "#5a665f",
            "600": "#4a564f",
            "700": "#3a453e",
            "800": "#28322c",
            "900": "#1e2923",
            "950": "#141b17",
        },
        "primary": {
            "50": "#eef7f2",
            "100": "#d6ebdf",
            "200": "#aed8c1",
            "300": "#7dbf9d",
            "400": "#4ea27a",
            "500": "#33855d",
            "600": "#256b4c",
            "700": "#1f563e",
            "800": "#1b4533",
            "900": "#17392b",
            "950": "#0b1f17",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Ventes"),
                "items": [
                    {"title": _("Tableau de bord"), "icon": "monitoring", "link": reverse_lazy("admin:index")},
                    _item(_("Commandes"), "receipt_long", "orders.order"),
                    _item(_("Commandes antérieures"), "history", "orders.pastorder"),
                    _item(_("Rétractations"), "undo", "aftersales.withdrawal"),
                    _item(_("E-mails"), "outgoing_mail", "common.outboxemail"),
                    _item(_("Paiements"), "payments", "payments.payment"),
                    _item(_("Litiges"), "balance", "payments.dispute"),
                    _item(_("Versements"), "account_balance", "payments.payout"),
                    _item(_("Factures et avoirs"), "request_quote", "invoicing.document"),
                    _item(_("Clôtures"), "lock_clock", "invoicing.closing"),
                    _item(_("Clients"), "group", "accounts.user"),
                    _item(_("Tableau des prospects"), "view_kanban", "prospects.prospect", "backoffice:board"),
                    _item(_("Prospects"), "contact_phone", "prospects.prospect"),
                    {
                        "title": _("Modération"),
                        "icon": "forum",
                        "link": reverse_lazy("admin:comments_comment_moderation"),
                        "badge": "apps.backoffice.moderation.badge",
                        "active": _open_at("admin:comments_comment_moderation"),
                        "permission": lambda request: request.user.has_perm("comments.change_comment"),
                    },
                    _item(_("Commentaires"), "chat", "comments.comment"),
                ],
            },
            {
                "title": _("Catalogue"),
                "items": [
                    _item(_("Produits"), "shopping_basket", "catalogue.product"),
                    _item(_("Rayons"), "account_tree", "catalogue.category"),
                    _item(_("Stocks"), "inventory_2", "catalogue.stock"),
                    _item(_("Réceptions et inventaires"), "barcode_scanner", "catalogue.stocksheet"),
                    _item(_("Marques"), "sell", "catalogue.brand"),
                    _item(_("Caractéristiques"), "tune", "catalogue.attribute"),
                    _item(_("Synonymes de recherche"), "manage_search", "catalogue.searchsynonym"),
                    _item(_("Réductions prévues"), "event_available", "catalogue.plannedreduction"),
                    _item(_("Imports"), "upload_file", "catalogue.catalogueimport"),
                    _item(_("Anciennes adresses"), "alt_route", "imports.oldpath"),
                    _item(_("Adresses inconnues"), "link_off", "imports.unknownpath"),
                ],
            },
            {
                "title": _("Réglages"),
                "items": [
                    _item(_("La boutique"), "storefront", "shop.shop"),
                    _item(_("Conditions de vente"), "gavel", "shop.shop", "admin:shop_shop_terms"),
                    _item(_("Livraison"), "local_shipping", "delivery.deliverymethod"),
                    _item(_("Points relais"), "pin_drop", "delivery.pickuppoint"),
                    _item(_("Étapes des prospects"), "view_week", "prospects.stage"),
                    _item(_("Imports de prospects"), "upload_file", "prospects.prospectimport"),
                    _item(_("Ancienne boutique"), "upload_file", "imports.historyimport"),
                    {
                        "title": _("Tout sur une personne"),
                        "icon": "person_search",
                        "link": reverse_lazy("admin:person"),
                        "active": _open_at("admin:person"),
                        "permission": lambda request: request.user.has_perm("accounts.handle_person"),
                    },
                    _item(_("Accès aux données"), "policy", "accounts.dataaccess"),
                    _item(_("Tout exporter"), "archive", "imports.shopexport"),
                    {
                        "title": _("Équipe"),
                        "icon": "badge",
                        "link": reverse_lazy("backoffice:team"),
                        "active": _open_at("backoffice:team"),
                        "permission": lambda request: request.user.is_superuser,
                    },
                    _item(_("Rôles et droits"), "shield_person", "auth.group"),
                    _item(_("Clés d’API"), "key", "api.apikey"),
                    _item(_("Exploitation"), "build_circle", "operations.operationrun"),
                    _item(_("Constats d’audit"), "troubleshoot", "operations.auditfinding"),
                    _item(_("Tâches planifiées"), "schedule", "django_celery_beat.periodictask"),
                    _item(_("Échéances"), "event_repeat", "operations.duejob"),
                    _item(
                        _("Lettres mortes"),
                        "mark_email_unread",
                        "operations.operationrun",
                        "admin:operations_dead_letters",
                    ),
                    _item(_("Connexions refusées"), "lock", "axes.accessattempt"),
                ],
            },
        ],
    },
}
