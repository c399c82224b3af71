from apps.shop.identity import identity_of
from apps.shop.models import Shop
from apps.shop.services import save_shop, the_row

COMPLETE = {
    "name": "Chez Camille",
    "company": "Camille Primeurs",
    "legal_form": "SARL",
    "capital": "8 000 €",
    "registration": "RCS Lyon",
    "siret": "73282932000074",
    "vat_number": "FR44732829320",
    "publisher": "Camille Martin",
    "street": "3 place du Marché",
    "postcode": "69002",
    "city": "Lyon",
    "phone": "04 72 00 00 00",
    "email": "bonjour@chez-camille.fr",
    "iban": "FR1420041010050500013M02606",
    "bic": "PSSTFRPPLYO",
    "host": "Hébergeur, 1 rue du Serveur, 75001 Paris, 01 99 00 56 78",
    "mediator": "Médiateur du commerce, 1 rue de l’Accord, 75001 Paris",
}


def write_shop(**facts: object) -> Shop:
    """The shop's row with these facts, saved by the service."""
    shop = the_row()
    for name, value in facts.items():
        setattr(shop, name, value)
    save_shop(shop=shop, by=None)
    return shop


def identity_with(**facts: object):
    """As outside a demo, with nothing fixed and nothing invented."""
    return identity_of(Shop(**facts), fixed={}, invented={})
