"""What exports of other shops call each thing, in French and in English; the first name that a file has counts.

Shopify, orders: help.shopify.com/fr/manual/orders/export-orders; a row for each line, what is of the order on its first
(docs.xbp.app/docs/development/integrations/shopify/order-format). Customers: its template's First Name, Last Name,
Email, Company, Address1, Zip (ascendfs.zendesk.com/hc/en-us/articles/26465992706843); « Default Address … » exported.
WooCommerce: woocommerce.com/document/import-and-export-of-woocommerce-orders (order_date may be MM/DD/YYYY there);
docs.woocommerce.com/document/ordercustomer-csv-export-developer-documentation; the shop's own analytics.
PrestaShop, customers: doc.prestashop.com, « Your customers »: ID, Title, Last name, First Name, Email address, Age,
Enabled, News., Opt., Registration, Last visit. Its grids of orders and queries for its SQL manager have the names of
the back office and of its tables.
"""

from apps.common.tabular.header import normalised

_EMAIL = (
    *("Email", "E-mail", "Adresse e-mail", "Adresse email", "Email address", "Courriel", "Mail", "customer_email"),
    *("user_email", "billing_email", "Email (Billing)", "E-mail (facturation)", "Customer email", "email_client"),
)
_PHONE = (
    *("Phone", "Téléphone", "Téléphone portable", "Portable", "Mobile", "billing_phone", "Phone (Billing)"),
    *("Default Address Phone", "Billing Phone", "Shipping Phone", "phone_mobile", "tel"),
)

CUSTOMERS = {
    "email": _EMAIL,
    "first_name": ("First Name", "Prénom", "firstname", "billing_first_name", "first_name"),
    "last_name": ("Last Name", "Nom de famille", "lastname", "billing_last_name", "last_name"),
    # A full name where a file has no column of its own for the first one.
    "name": ("Name", "Nom", "Nom complet", "Nom et prénom", "Client", "display_name", "Customer"),
    "phone": _PHONE,
    "company": ("Default Address Company", "Company", "Société", "Entreprise", "billing_company"),
    "line1": ("Default Address Address1", "Address1", "Address 1", "Adresse", "Adresse 1", "billing_address_1"),
    "line2": (
        *("Default Address Address2", "Address2", "Address 2", "Complément d’adresse", "Adresse 2"),
        *("Adresse (2)", "billing_address_2"),
    ),
    "postcode": ("Default Address Zip", "Zip", "Postcode", "Postal code", "Code postal", "CP", "billing_postcode"),
    "city": ("Default Address City", "City", "Ville", "billing_city"),
    "country": (
        *("Default Address Country Code", "Country Code", "Country", "Pays", "Country / Region", "Pays/région"),
        "billing_country",
    ),
}
ORDERS = {
    "id": ("id_order", "ID", "order_id", "ID commande"),
    "number": (
        *("order_number", "Order Number", "Order #", "Commande n°", "N° de commande", "Numéro de commande"),
        *(
            "Commande",
            "reference",
            "Référence",
            "Reference",
            "Order reference",
            "Numéro",
            "Name",
            "id_order",
            "order_id",
        ),
        "ID",
    ),
    "email": _EMAIL,
    "first_name": ("firstname", "Prénom", "First Name (Billing)", "billing_first_name", "first_name"),
    "last_name": ("lastname", "Last Name (Billing)", "billing_last_name", "last_name"),
    "name": (
        *("Billing Name", "Client", "Customer", "Nom du client", "Customer name", "Nom", "Shipping Name"),
        *("customer", "customer_name"),
    ),
    "phone": _PHONE,
    "placed_at": (
        *("Created at", "order_date", "Order Date", "Date de commande", "Date de la commande", "date_add", "Date"),
        *("date_created", "Passée le"),
    ),
    "status": (
        *("Financial Status", "Order Status", "order_status", "status", "État", "Status", "Statut", "osname"),
        *("order_state", "current_state", "État de la commande"),
    ),
    "cancelled_at": ("Cancelled at",),
    "payment": ("Payment Method", "payment_method_title", "Payment Method Title", "Paiement", "payment", "Payment"),
    "currency": ("Currency", "order_currency", "Devise", "iso_code"),
    "total": (
        *("Total", "order_total", "Order Total Amount", "total_paid_tax_incl", "total_paid", "Total TTC"),
        *("Total payé", "Montant TTC", "Montant total"),
    ),
    "delivery_total": (
        *("Shipping", "total_shipping_tax_incl", "total_shipping", "Frais de port TTC", "Frais de port"),
        *("Livraison TTC", "total_livraison"),
    ),
    "refunded": ("Refunded Amount", "Order Refund Amount", "Remboursé", "Montant remboursé"),
    "recipient": ("Shipping Name",),
    "company": ("Shipping Company", "shipping_company", "Company (Shipping)"),
    "line1": ("Shipping Address1", "Shipping Street", "shipping_address_1", "Address 1&2 (Shipping)", "address1"),
    "line2": ("Shipping Address2", "shipping_address_2", "address2"),
    "postcode": ("Shipping Zip", "shipping_postcode", "Postcode (Shipping)", "postcode", "Code postal"),
    "city": ("Shipping City", "shipping_city", "City (Shipping)", "city", "Ville"),
    "country": ("Shipping Country", "shipping_country", "Country Code (Shipping)", "Pays"),
    # As an archive of this shop has them.
    "source": ("ancienne_boutique",),
    "status_text": ("etat_origine",),
    "delivered_to": ("livree_a",),
    "lines": ("lignes",),
    "item_name": (
        *("Lineitem name", "Item Name", "product_name", "Nom du produit", "Produit", "Désignation", "Article"),
        *("Produit(s)", "Product(s)"),
    ),
    "item_sku": ("Lineitem sku", "product_reference", "SKU", "UGS", "Référence produit"),
    "item_quantity": (
        *("Lineitem quantity", "Quantity (- Refund)", "product_quantity", "Quantité", "Quantity", "Qté"),
    ),
    # With VAT: WooCommerce's « Item Cost » is without it, and is left out.
    "item_price": ("Lineitem price", "unit_price_tax_incl", "Prix unitaire TTC", "Prix TTC"),
}
# Lines of an order that stand beside each other: « line_item_1 », « line_item_2 », …
LINE_ITEM = "line_item_"
WORDS = frozenset(normalised(name) for columns in (CUSTOMERS, ORDERS) for names in columns.values() for name in names)
# By the names that only one program's files have.
PROGRAMS = (
    ("Shopify", ("financial_status", "lineitem_name", "accepts_email_marketing", "accepts_marketing")),
    ("WooCommerce", ("order_currency", "item_name", "commande_n", "order", "user_login", "billing_address_1")),
    (
        "PrestaShop",
        (
            "news",
            "opt",
            "id_order",
            "nouveau_client",
            "new_client",
            "offres_partenaires",
            "partner_offers",
            "id_customer",
        ),
    ),
)
ENGLISH = frozenset(normalised(name) for name in ("Created at", "Order Date", "Date created", "Status", "Quantity"))


def program_of(header: list[str]) -> str:
    """Which program wrote the file, by its header; empty for none of those that are known."""
    names = {normalised(name) for name in header}
    return next((program for program, own in PROGRAMS if names & set(own)), "")
