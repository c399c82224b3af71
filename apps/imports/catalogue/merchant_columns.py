"""What tills, suppliers and PrestaShop call the columns of their lists."""

COLUMNS = {
    "ean": (
        *("code_barres", "code_barre", "code_a_barres", "codes_barres", "ean", "ean13", "ean_13", "gencod", "gencode"),
        *("code_ean", "code_ean13", "code_ean_13", "ean_gtin", "gtin", "gtin13", "barcode", "bar_code", "upc", "cab"),
    ),
    "reference": (
        *("reference", "ref", "sku", "code_article", "code_produit", "ref_article", "ref_produit", "reference_article"),
        *("reference_produit", "reference_interne", "n_reference", "no_reference", "numero_reference", "n_article"),
        *("numero_article", "code_interne", "ugs", "item_number", "item_code", "product_code", "part_number", "code"),
    ),
    # A number of another program's own: better than nothing, and nothing to call a product by otherwise.
    "id": ("id_article", "id_produit", "article_id", "product_id", "id"),
    "name": (
        *("nom", "libelle", "designation", "titre", "nom_produit", "nom_du_produit", "nom_article", "nom_de_l_article"),
        *("nom_de_l_produit", "libelle_produit", "libelle_article", "libelle_du_produit", "designation_produit"),
        *("designation_article", "intitule", "denomination", "produit", "article", "name", "product_name", "title"),
        *("item_name", "product", "product_title"),
    ),
    "description": (
        *("description", "descriptif", "description_longue", "description_produit", "description_du_produit"),
        *("texte", "details", "body", "long_description"),
    ),
    "summary": ("resume", "description_courte", "short_description", "accroche", "summary"),
    "category": (
        *("rayon", "categorie", "famille", "categories", "categories_x_y_z", "famille_produit", "rayons", "category"),
        *("categorie_produit", "categorie_de_produit", "nom_categorie", "department", "product_category", "groupe"),
        *("product_type", "categorie_par_defaut", "default_category", "type_de_produit"),
    ),
    "price": (
        *(
            "prix_ttc",
            "prix",
            "prix_vente_ttc",
            "prix_de_vente_ttc",
            "pv_ttc",
            "pvttc",
            "pvttc_euros",
            "ttc",
            "tarif_ttc",
        ),
        *("prix_unitaire_ttc", "pu_ttc", "prix_public_ttc", "prix_ttc_en_euros", "prix_ttc_euros", "prix_ttc_eur"),
        *("prix_de_vente", "prix_vente", "prix_public", "pvc", "pvp", "prix_unitaire", "tarif", "prix_euros"),
        *("prix_en_euros", "montant_ttc", "price_tax_included", "price_incl_tax", "prix_taxe_incluse", "price"),
        *("unit_price", "retail_price", "selling_price"),
    ),
    "net_price": (
        *(
            "prix_ht",
            "prix_vente_ht",
            "prix_de_vente_ht",
            "pv_ht",
            "pvht",
            "ht",
            "tarif_ht",
            "prix_unitaire_ht",
            "pu_ht",
        ),
        *("prix_hors_taxe", "prix_hors_taxes", "montant_ht", "price_tax_excluded", "price_excl_tax", "prix_public_ht"),
    ),
    "vat": (
        "tva",
        "taux_tva",
        "taux_de_tva",
        "taux_de_taxe",
        "tva_pourcent",
        "vat",
        "vat_rate",
        "tax_rate",
        "taxe",
        "taux",
    ),
    "tax_rule": (
        "tax_rules_id",
        "id_tax_rules_group",
        "id_regle_de_taxes",
        "id_de_la_regle_de_taxes",
        "regle_de_taxes",
    ),
    "stock": (
        *("stock", "quantite", "qte", "qte_stock", "qte_en_stock", "quantite_en_stock", "quantite_disponible"),
        *("stock_disponible", "stock_actuel", "stock_reel", "stock_physique", "stock_quantity", "qty", "quantity"),
        *("quantity_available", "dispo", "nb_en_stock", "en_stock", "inventory"),
    ),
    "state": (
        *("publie", "actif", "actif_0_1", "active_0_1", "active", "en_ligne", "visible", "en_vente", "affiche"),
        *("published", "statut", "status", "etat"),
    ),
    # What feeds say instead of a number of pieces.
    "availability": ("availability", "disponibilite"),
    "brand": ("marque", "brand", "fabricant", "manufacturer", "producteur", "vendor"),
    "weight": ("poids", "poids_brut", "weight", "shipping_weight", "poids_unitaire", "masse"),
    "net_weight": ("poids_net", "contenance", "contenu", "net_weight", "volume_net", "unit_pricing_measure"),
    "kilograms": ("poids_kg", "poids_en_kg", "weight_kg", "poids_brut_kg"),
    "grams": ("poids_g", "poids_en_g", "poids_en_grammes", "poids_grammes", "weight_g", "grammes", "grams"),
    "unit": ("unite", "unite_poids", "unite_de_poids", "unite_de_mesure", "unit", "weight_unit", "u"),
    "image": (
        *(
            "image_url",
            "image",
            "photo",
            "images",
            "photos",
            "url_image",
            "url_photo",
            "image_urls_x_y_z",
            "lien_image",
        ),
        *(
            "url_des_images_x_y_z",
            "images_urls",
            "image_link",
            "photo_url",
            "picture",
            "visuel",
            "image_1",
            "photo_1",
            "image1",
            "photo1",
        ),
    ),
    "image2": ("image_2", "photo_2", "image2", "photo2", "url_image_2", "image_url_2", "additional_image_link"),
    **{
        f"image{number}": (
            *(f"image_{number}", f"photo_{number}", f"image{number}", f"photo{number}"),
            *(f"url_image_{number}", f"image_url_{number}"),
        )
        for number in range(3, 11)
    },
}
IMAGES = ("image", *(f"image{number}" for number in range(2, 11)))
# In PrestaShop's own file these are about the price of a kilo or litre, and not of what is sold.
OF_PRESTASHOP = {
    "price": tuple(name for name in COLUMNS["price"] if name not in ("prix_unitaire", "unit_price")),
    "unit": (),
    "unity": ("unite", "unity", "unite_pour_le_prix_unitaire", "unit_for_base_price", "unit_for_unit_price"),
    "unit_price": ("prix_unitaire", "unit_price", "base_price", "prix_a_l_unite"),
}
