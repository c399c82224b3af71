"""Labels of what a file may hold: in differences between it and the catalogue, and on the screen of its columns."""

from django.utils.translation import gettext_lazy as _

COLUMNS = {
    "name_fr": _("nom"),
    "name_en": _("nom (anglais)"),
    "description_fr": _("description"),
    "price": _("prix TTC"),
    "on_hand": _("stock"),
    "low_threshold": _("seuil de stock"),
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
# By the value of `reading.Role`, in the order of the screen.
ROLES = {
    "": _("ne pas reprendre"),
    "reference": _("référence du modèle"),
    "code": _("code du produit (commun à ses modèles)"),
    "ean": _("code-barres (EAN)"),
    "supplier_reference": _("référence du fournisseur"),
    "name": _("nom"),
    "description": _("description"),
    "summary": _("résumé, en tête de la description"),
    "category": _("rayon"),
    "price": _("prix TTC"),
    "net_price": _("prix HT"),
    "sale_price": _("prix promotionnel TTC"),
    "vat": _("taux de TVA"),
    "tax_rule": _("règle de taxes (numéro ou nom)"),
    "stock": _("stock"),
    "threshold": _("seuil de stock"),
    "state": _("publication"),
    "brand": _("marque"),
    "weight": _("poids d’expédition"),
    "net_weight": _("contenu net (pour le prix au kilo ou au litre)"),
    "unit": _("unité du poids ou du contenu"),
    "option": _("option (taille, couleur…)"),
    "image": _("adresse d’image"),
}
