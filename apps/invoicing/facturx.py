"""The XML of a document: Cross Industry Invoice in the profile EN 16931 of Factur-X 1.0, from its content alone."""

import re
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from apps.common.money import ZERO, unit_price

NAME = "factur-x.xml"
INVOICE, CREDIT_NOTE = "380", "381"
# Code points that XML 1.0 has no place for.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def xml(content: dict[str, Any], *, notes: list[tuple[str, str]], terms: str, charge_name: str) -> bytes:
    """`notes`: subject code (UNTDID 4451) and sentence; sentences are in the document's language."""
    context = {
        "document": content,
        "type_code": INVOICE if content["kind"] == "INVOICE" else CREDIT_NOTE,
        # Goods that are paid already, or not (business process, XP Z12-012).
        "process": "B1" if Decimal(content["payment"]["due"]) else "B2",
        "issue_date": _day(content["issue_date"]),
        "delivery_date": _day(content["supply"]["date"]) if content["supply"]["event"] == "delivery" else "",
        "corrected_date": _day(content["corrects"]["date"]) if "corrects" in content else "",
        "lines": [_line(number, line) for number, line in enumerate(content["lines"], start=1)],
        "charges": [{**each, **_category(each["rate"])} for each in content["charges"]],
        "vat": [{**each, **_category(each["rate"])} for each in content["vat"]],
        "notes": notes,
        "terms": terms,
        "charge_name": charge_name,
        "account": content["seller"]["iban"] if content["payment"]["means"] == "30" else "",
        # A transfer must name its account (BR-61).
        "means": "1" if content["payment"]["means"] == "30" and not content["seller"]["iban"] else None,
        "lines_net": _sum(content["lines"]),
        "charges_net": _sum(content["charges"]),
    }
    return _FORBIDDEN.sub("", render_to_string("invoicing/facturx.xml", context)).encode()


def _line(number: int, line: dict[str, Any]) -> dict[str, Any]:
    price = unit_price(Decimal(line["net"]), line["quantity"])
    return {**line, **_category(line["rate"]), "line_number": number, "unit_net": str(price)}


def _category(rate: str) -> dict[str, Any]:
    """S: standard rated, whatever the rate; E: exempt, by the franchise (art. 293 B CGI)."""
    is_exempt = not Decimal(rate)
    return {"category": "E" if is_exempt else "S", "is_exempt": is_exempt}


def _sum(rows: list[dict[str, Any]]) -> str:
    return str(sum((Decimal(each["net"]) for each in rows), ZERO))


def _day(text: str) -> str:
    return text.replace("-", "")
