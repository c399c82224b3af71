"""The admin's name, colours (docs: the design tokens, leaf and paper) and menu, in django-unfold's form."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _item(title: Any, icon: str, url_name: str, permission: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{url_name}"),
        "permission": lambda request: request.user.has_perm(permission),
    }


UNFOLD = {
    "SITE_TITLE": "WebMarket+",
    "SITE_HEADER": "WebMarket+",
    "SITE_SUBHEADER": _("Arrière-boutique"),
    "SITE_SYMBOL": "storefront",
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
                    _item(_("Commandes"), "receipt_long", "orders_order_changelist", "orders.view_order"),
                    _item(_("Paiements"), "payments", "payments_payment_changelist", "payments.view_payment"),
                    _item(_("Clients"), "group", "accounts_user_changelist", "accounts.view_user"),
                ],
            },
            {
                "title": _("Catalogue"),
                "items": [
                    _item(_("Produits"), "shopping_basket", "catalogue_product_changelist", "catalogue.view_product"),
                    _item(_("Rayons"), "account_tree", "catalogue_category_changelist", "catalogue.view_category"),
                    _item(_("Stocks"), "inventory_2", "catalogue_stock_changelist", "catalogue.view_stock"),
                    _item(_("Marques"), "sell", "catalogue_brand_changelist", "catalogue.view_brand"),
                    _item(_("Caractéristiques"), "tune", "catalogue_attribute_changelist", "catalogue.view_attribute"),
                    _item(_("Imports"), "upload_file", "catalogue_catalogueimport_changelist", "catalogue.view_catalogueimport"),
                ],
            },
            {
                "title": _("Réglages"),
                "items": [
                    _item(_("Livraison"), "local_shipping", "delivery_deliverymethod_changelist", "delivery.view_deliverymethod"),
                    _item(_("Points relais"), "pin_drop", "delivery_pickuppoint_changelist", "delivery.view_pickuppoint"),
                    _item(_("Équipe et droits"), "badge", "auth_group_changelist", "auth.view_group"),
                    _item(_("Tâches planifiées"), "schedule", "django_celery_beat_periodictask_changelist", "django_celery_beat.view_periodictask"),
                    _item(_("Connexions refusées"), "lock", "axes_accessattempt_changelist", "axes.view_accessattempt"),
                ],
            },
        ],
    },
}
