"""The columns of our own format, shared by the export that writes them and the import that reads them.

Each row says its `type`; `code` names it and `parent` what it belongs to:

type              code                    parent
rayon             slug                    slug of the rayon above
marque            slug
caracteristique   code
valeur            slug                    code of the attribute
produit           product code            slug of the rayon
modele            SKU                     product code

Text that a spreadsheet would take for a formula carries an apostrophe in front, which the import takes off again.
"""

COMMON = {
    "name_fr": "nom_fr",
    "name_en": "nom_en",
    "slug_fr": "adresse_fr",
    "slug_en": "adresse_en",
    "description_fr": "description_fr",
    "description_en": "description_en",
}
CATEGORY = {"tint": "teinte", "is_visible": "visible"}
ATTRIBUTE = {"kind": "nature", "unit": "unite", "is_facet": "filtre", "position": "ordre"}
ATTRIBUTE_VALUE = {"number": "nombre"}
OPTION_NAMES = {
    f"option{number}_name_{language}": f"option{number}_nom_{language}"
    for number in (1, 2, 3)
    for language in ("fr", "en")
}
OPTIONS = {
    f"option{number}_{language}": f"option{number}_{language}" for number in (1, 2, 3) for language in ("fr", "en")
}
PRODUCT = {
    "brand": "marque",
    "vat_class": "tva",
    "state": "publication",
    "published_at": "publie_le",
    **OPTION_NAMES,
    "attributes": "caracteristiques",
    "origin_fr": "origine_fr",
    "origin_en": "origine_en",
    "manufacturer": "fabricant",
    "responsible_person": "responsable_ue",
    "safety_warnings_fr": "securite_fr",
    "safety_warnings_en": "securite_en",
    "withdrawal_exception": "retractation",
    "images": "images",
}
VARIANT = {
    "ean13": "ean13",
    **OPTIONS,
    "price": "prix_ttc",
    "content_quantity": "contenu",
    "content_unit": "unite_contenu",
    "weight_g": "poids_g",
    "is_active": "en_vente",
    "on_hand": "stock",
    "low_threshold": "seuil_stock",
    "ledger": "prix_historique",
}
COLUMNS = {
    "type": "type",
    "code": "code",
    "parent": "parent",
    **COMMON,
    **CATEGORY,
    **ATTRIBUTE,
    **ATTRIBUTE_VALUE,
    **PRODUCT,
    **VARIANT,
}
HEADER = list(COLUMNS.values())
