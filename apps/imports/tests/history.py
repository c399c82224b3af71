"""Files of customers and orders as the programs write them, with invented people, and their import."""

from datetime import UTC, datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import User
from apps.imports.models import HistoryImport
from apps.imports.services import history_imports

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)

SHOPIFY_ORDERS = """\
Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Phone
#1001,Zoe@Exemple.fr,paid,2023-05-12 10:25:00 +0200,fulfilled,2023-05-13 09:00:00 +0200,no,EUR,29.80,5.90,5.95,35.70,,0.00,Colissimo,2023-05-12 10:23:45 +0200,2,Miel de lavande 250 g,9.90,,MIEL-250,true,true,fulfilled,Zoé Martin,12 rue des Halles,12 rue des Halles,,,Lyon,'69002,,FR,'+33612345678,Zoé Martin,12 rue des Halles,12 rue des Halles,,,Lyon,'69002,,FR,'+33612345678,,,,Shopify Payments,c1.1,0.00,Ruche,0.00,,,,5001,,Low,web,0.00,
#1001,Zoe@Exemple.fr,,,,,,,,,,,,,,,1,Savon,10.00,,SAV-1,true,true,fulfilled,,,,,,,,,,,,,,,,,,,,,,,,,,,Ruche,,,,,,,,,0.00,
#1002,paul@exemple.fr,partially_refunded,2023-06-01 08:00:00 +0200,fulfilled,,no,EUR,40.00,0.00,6.67,40.00,,0.00,,2023-06-01 07:59:00 +0200,4,Savon,10.00,,SAV-1,true,true,fulfilled,Paul Durand,,,,,,,,FR,,,,,,,,,,,,,,,manual,,12.50,Ruche,0.00,,,,5002,,Low,web,0.00,
#1003,paul@exemple.fr,voided,,unfulfilled,,no,EUR,10.00,0.00,1.67,10.00,,0.00,,2023-06-02 07:59:00 +0200,1,Savon,10.00,,SAV-1,true,true,pending,Paul Durand,,,,,,,,FR,,,,,,,,,,,,,,2023-06-02 08:30:00 +0200,manual,,0.00,Ruche,10.00,,,,5003,,Low,web,0.00,
#1004,nina@exemple.fr,paid,2023-06-03 08:00:00 +0200,fulfilled,,no,USD,10.00,0.00,1.67,10.00,,0.00,,2023-06-03 07:59:00 +0200,1,Savon,10.00,,SAV-1,true,true,pending,Nina,,,,,,,,US,,,,,,,,,,,,,,,manual,,0.00,Ruche,10.00,,,,5004,,Low,web,0.00,
"""  # noqa: E501
WEBTOFFEE_ORDERS = """\
order_id,order_number,order_date,paid_date,status,shipping_total,shipping_tax_total,fee_total,fee_tax_total,tax_total,cart_discount,order_discount,discount_total,order_total,order_subtotal,order_currency,payment_method,payment_method_title,transaction_id,customer_id,customer_user,customer_email,billing_first_name,billing_last_name,billing_company,billing_email,billing_phone,billing_address_1,billing_address_2,billing_postcode,billing_city,billing_state,billing_country,shipping_first_name,shipping_last_name,shipping_company,shipping_address_1,shipping_address_2,shipping_postcode,shipping_city,shipping_country,customer_note,line_item_1,line_item_2
312,312,2022-11-03 18:04:10,2022-11-03 18:05:00,completed,4.08,0.82,0,0,4.52,0,0,0,27.1,18.48,EUR,stripe,Carte bancaire,pi_1,7,7,zoe@exemple.fr,Zoé,Martin,,zoe@exemple.fr,612345678,12 rue des Halles,,69002,Lyon,,FR,Zoé,Martin,,12 rue des Halles,,69002,Lyon,FR,,name:Confiture d&#039;abricot|product_id:55|sku:CONF-A|quantity:2|total:9.38|sub_total:9.38,name:Thé vert|product_id:56|sku:THE|quantity:1|total:9.10|sub_total:9.10
313,313,2022-11-04 09:00:00,,on-hold,0,0,0,0,1.5,0,0,0,9,7.5,EUR,bacs,Virement,,0,0,luc@exemple.fr,Luc,Petit,,luc@exemple.fr,,,,,,,FR,,,,,,,,FR,,name:Thé vert|product_id:56|sku:THE|quantity:1|total:7.5|sub_total:7.5,
"""  # noqa: E501
ALGOLPLUS_ORDERS = """\
Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Last Name (Billing),Company (Billing),Address 1&2 (Billing),City (Billing),State Code (Billing),Postcode (Billing),Country Code (Billing),Email (Billing),Phone (Billing),First Name (Shipping),Last Name (Shipping),Address 1&2 (Shipping),City (Shipping),Postcode (Shipping),Country Code (Shipping),Payment Method Title,Cart Discount Amount,Order Subtotal Amount,Shipping Method Title,Order Shipping Amount,Order Refund Amount,Order Total Amount,Order Total Tax Amount,SKU,Item #,Item Name,Quantity (- Refund),Item Cost,Coupon Code,Discount Amount,Discount Amount Tax
900,Completed,2021-02-03 10:00,,Zoé,Martin,,12 rue des Halles,Lyon,,69002,FR,zoe@exemple.fr,0612345678,Zoé,Martin,12 rue des Halles,Lyon,69002,FR,Carte,0,16.67,Colissimo,4.9,0,24.9,4.15,A-1,1,Bougie,1,8.33,,0,0
900,Completed,2021-02-03 10:00,,Zoé,Martin,,12 rue des Halles,Lyon,,69002,FR,zoe@exemple.fr,0612345678,Zoé,Martin,12 rue des Halles,Lyon,69002,FR,Carte,0,16.67,Colissimo,4.9,0,24.9,4.15,A-2,2,Savon,1,8.34,,0,0
"""  # noqa: E501
WOO_ANALYTICS = """\
Date,Commande n°,État,Client,Type de client,Produit(s),Articles vendus,Code(s) promo,Total TTC,Attribution
2024-01-05 11:12:00,1207,Terminée,Zoé Martin,nouveau,"2× Miel, crème, 1× Pain d’épices",3,,"31,40",Direct
"""
PRESTASHOP_GRID = """\
ID;Référence;Nouveau client;Livraison;Client;Total;Paiement;État;Date
5;XKBKNABJK;1;France;J. DUPONT;"61,80 €";Chèque;En attente du paiement par chèque;05/12/2020 14:05:11
4;FFATNOMMJ;0;France;J. DUPONT;"1 029,90 €";Carte bancaire;Livré;03/12/2020 09:00:00
"""
PRESTASHOP_SQL = """\
id_order;reference;email;firstname;lastname;osname;payment;total_paid_tax_incl;total_shipping_tax_incl;date_add;product_name;product_reference;product_quantity;unit_price_tax_incl
4;FFATNOMMJ;jeanne@exemple.fr;Jeanne;Dupont;Livré;Carte bancaire;1029.900000;7.000000;2020-12-03 09:00:00;Table en chêne;TAB-1;1;999.000000
4;FFATNOMMJ;jeanne@exemple.fr;Jeanne;Dupont;Livré;Carte bancaire;1029.900000;7.000000;2020-12-03 09:00:00;Cire;CIR-1;2;11.950000
"""  # noqa: E501
SHOPIFY_CUSTOMERS = """\
Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,Default Address Address2,Default Address City,Default Address Province Code,Default Address Country Code,Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags
'7210448301122,Zoé,Martin,Zoe@Exemple.fr,yes,,12 rue des Halles,Bât. B,Lyon,,FR,'69002,'+33612345678,'+33612345678,no,35.70,1,,no,
'7210448301123,Paul,Durand,paul@exemple.fr,no,Durand SARL,,,,,,,,,no,0.00,0,,no,
'7210448301124,Sans,Adresse,,no,,,,,,,,,'+33600000000,no,0.00,0,,no,
"""  # noqa: E501
PRESTASHOP_CUSTOMERS = """\
ID;Titre de civilité;Prénom;Nom;Adresse e-mail;Ventes;Activé;Newsletter;Offres partenaires;Date d'inscription;Dernière visite
1;Mme;Jeanne;Dupont;jeanne@exemple.fr;"1 029,90 €";1;1;0;01/12/2020;03/12/2020
"""  # noqa: E501
PRESTASHOP_TEMPLATE = """\
Customer ID;Active (0/1);Titles ID (Mr = 1, Ms = 2, else 0)*;Email *;Password *;Birthday (yyyy-mm-dd);Last Name *;First Name *;Newsletter (0/1);Opt-in (0/1);Registration date (yyyy-mm-dd)
1;1;1;marc@exemple.fr;motdepasse;1980-01-01;Petit;Marc;1;0;2019-05-06
"""  # noqa: E501
WOO_CUSTOMERS = """\
Nom,Identifiant,Dernière activité,Date d’inscription,E-mail,Commandes,Dépenses totales,VPC,Pays/région,Ville,Région,Code postal
Luc Petit,luc,2024-02-01 10:00:00,2023-01-01 10:00:00,luc@exemple.fr,2,"40,20","20,10",FR,Nantes,,44000
"""  # noqa: E501


def table(*rows: str, header: str = "Numéro;E-mail;Date;Total TTC;État") -> str:
    return "\n".join([header, *rows]) + "\n"


def uploaded(content: str | bytes, name: str = "e.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def received(content: str | bytes, *, by: User | None = None, source: str = "", name: str = "e.csv") -> HistoryImport:
    return history_imports.receive_history(file=uploaded(content, name), source=source, by=by, now=NOW)


def brought(content: str | bytes, **options) -> HistoryImport:
    """Received, previewed, confirmed, written."""
    row = received(content, **options)
    history_imports.preview_history(import_id=row.pk, now=NOW)
    row.refresh_from_db()
    history_imports.confirm_history(received=row, now=NOW)
    history_imports.apply_history(import_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.status == HistoryImport.Status.DONE, row.problem
    return row
