"""Who runs the shop."""

from environ import Env


def identity(env: Env) -> dict[str, str]:
    """Printed on legal pages, e-mails and orders (art. 19 LCEN). The demo's are invented."""
    return {
        "name": env.str("SHOP_NAME", default="WebMarket+"),
        "company": env.str("SHOP_COMPANY", default="WebMarket SARL (démonstration)"),
        "capital": env.str("SHOP_CAPITAL", default="10 000 €"),
        "registration": env.str("SHOP_REGISTRATION", default="RCS Lyon 000 000 000"),
        "vat_number": env.str("SHOP_VAT_NUMBER", default="FR00 000000000"),
        "address": env.str("SHOP_ADDRESS", default="12 rue des Halles, 69002 Lyon, France"),
        "phone": env.str("SHOP_PHONE", default="+33 4 00 00 00 00"),
        "email": env.str("SHOP_EMAIL", default="bonjour@webmarket.example"),
        "publisher": env.str("SHOP_PUBLISHER", default="La direction de WebMarket+"),
        "host": env.str(
            "SHOP_HOST", default="Amazon Web Services EMEA SARL, 38 avenue John F. Kennedy, L-1855 Luxembourg"
        ),
        "mediator": env.str("SHOP_MEDIATOR", default="Médiateur de la consommation (démonstration), 75000 Paris"),
        "iban": env.str("SHOP_IBAN", default="FR76 0000 0000 0000 0000 0000 000"),
        "bic": env.str("SHOP_BIC", default="DEMOFRPP"),
    }
