from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def is_ean13(code: str) -> bool:
    """Thirteen digits whose last is the GS1 check digit (weights 1 and 3)."""
    if len(code) != 13 or not (code.isascii() and code.isdigit()):
        return False
    return with_check_digit(code[:12]) == code


def with_check_digit(twelve: str) -> str:
    """The EAN-13 code that begins with these twelve digits."""
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(twelve))
    return f"{twelve}{-total % 10}"


# GS1's prefixes for numbers that mean something inside one shop or company only (scales, own labels), and for coupons.
RESTRICTED = ("0000000", "02", "04", "05", *(str(prefix) for prefix in range(20, 30)), "98", "99")


def is_gtin(code: str) -> bool:
    """Whether the code names this product for the whole world: a right EAN-13 outside the restricted prefixes."""
    return is_ean13(code) and not code.startswith(RESTRICTED)


def validate_ean13(code: str) -> None:
    if not is_ean13(code):
        raise ValidationError(
            _("« %(code)s » n’est pas un code EAN-13 : 13 chiffres, le dernier étant la clé."), params={"code": code}
        )
