"""Labels of columns, for differences between a file and the catalogue."""

from django.utils.translation import gettext_lazy as _

COLUMNS = {
    "name_fr": _("nom"),
    "name_en": _("nom (anglais)"),
    "description_fr": _("description"),
    "price": _("prix TTC"),
    "on_hand": _("stock"),
    "category": _("rayon"),
    "brand": _("marque"),
    "vat_class": _("TVA"),
    "ean13": _("code-barres"),
    "images": _("image"),
    "attributes": _("caractéristique"),
    "weight_g": _("poids"),
    "state": _("publication"),
    "withdrawal_exception": _("exception au droit de rétractation"),
}
