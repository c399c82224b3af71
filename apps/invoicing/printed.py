"""A document as people read it: its content with sentences and amounts in its language."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.common.formats import capital, day, percent
from apps.common.money import ZERO, format_euros, format_unit_price, unit_price
from apps.payments import gateways


def printed(content: dict[str, Any]) -> dict[str, Any]:
    """The context of the template, in the active language."""
    is_invoice = content["kind"] == "INVOICE"
    return {
        "document": content,
        "title": _("Facture") if is_invoice else _("Avoir"),
        "is_invoice": is_invoice,
        "facts": _facts(content),
        "lines": [_line(each) for each in content["lines"]],
        "charges": [_charge(each) for each in content["charges"]],
        "vat": [
            {"rate": percent(Decimal(each["rate"])), **_euros(each, "net", "vat", "gross")} for each in content["vat"]
        ],
        "has_vat": bool(Decimal(content["vat_total"])),
        "net": _amount(content["net"]),
        "vat_total": _amount(content["vat_total"]),
        "gross": _amount(content["gross"]),
        "paid": _amount(content["payment"]["paid"]),
        "due": _amount(content["payment"]["due"]),
        "payment": payment_sentence(content),
        "notes": [sentence for _code, sentence in notes(content)],
        "capital": capital(content["seller"]["capital"]),
        "country": _country(content["buyer"]["country"]),
    }


def notes(content: dict[str, Any]) -> list[tuple[str, str]]:
    """What the law wants said, with its subject code (UNTDID 4451)."""
    found = []
    if content.get("reason"):
        found.append(("AAI", _("Motif : %(reason)s.") % {"reason": content["reason"].rstrip(" .")}))
    if not any(Decimal(each["rate"]) for each in content["vat"]):
        found.append(("TXD", _("TVA non applicable, art. 293 B du CGI.")))
    if content["kind"] == "INVOICE" and content["buyer"]["company"]:
        # Art. L441-9, L441-10 and D441-5 code de commerce: between professionals.
        found += [
            (
                "PMD",
                _(
                    "En cas de retard de paiement : pénalités au taux de la Banque centrale européenne majoré de dix "
                    "points, exigibles sans rappel (art. L441-10 du code de commerce)."
                ),
            ),
            (
                "PMT",
                _("Indemnité forfaitaire pour frais de recouvrement en cas de retard : %(amount)s.")
                % {"amount": format_euros(Decimal(40))},
            ),
            ("AAB", _("Aucun escompte pour paiement anticipé.")),
        ]
    return found


def payment_sentence(content: dict[str, Any]) -> str:
    """« Payée le 28 novembre 2026 par carte bancaire. »"""
    payment = content["payment"]
    if not payment["date"]:
        return _("À payer à réception.")
    gateway = gateways.get(payment["gateway"])
    values = {"day": day(date.fromisoformat(payment["date"])), "means": gateway.name if gateway else ""}
    if content["kind"] == "INVOICE":
        return _("Payée le %(day)s : %(means)s.") % values if gateway else _("Payée le %(day)s.") % values
    return _("Remboursé le %(day)s : %(means)s.") % values if gateway else _("Remboursé le %(day)s.") % values


def _facts(content: dict[str, Any]) -> list[tuple[str, str]]:
    found = [(_("Date"), _day(content["issue_date"]))]
    if "corrects" in content:
        corrected = {"number": content["corrects"]["number"], "day": _day(content["corrects"]["date"])}
        found.append((_("Facture corrigée"), _("%(number)s du %(day)s") % corrected))
        return [*found, (_("Commande"), content["order"])]
    found.append((_("Commande"), content["order"]))
    found.append((_("Date de commande"), _day(content["order_date"])))
    supply = content["supply"]
    found.append((_("Livraison") if supply["event"] == "delivery" else _("Paiement"), _day(supply["date"])))
    return found


def _line(line: dict[str, Any]) -> dict[str, Any]:
    before = line["unit_gross_before"]
    reduction = _("Prix avant réduction : %(amount)s TTC") % {"amount": _amount(before)} if before else ""
    return {
        "name": line["name"],
        "details": " · ".join(filter(None, [line["variant"], line["sku"]])),
        "reduction": reduction,
        "quantity": line["quantity"],
        "unit_net": format_unit_price(unit_price(Decimal(line["net"]), line["quantity"])),
        "rate": percent(Decimal(line["rate"])),
        **_euros(line, "net", "gross"),
    }


def _charge(charge: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": _("Livraison"),
        "details": "",
        "reduction": "",
        "quantity": 1,
        "unit_net": format_unit_price(Decimal(charge["net"])),
        "rate": percent(Decimal(charge["rate"])),
        **_euros(charge, "net", "gross"),
    }


def _euros(row: dict[str, Any], *names: str) -> dict[str, str]:
    return {name: _amount(row[name]) for name in names}


def _amount(text: str) -> str:
    return format_euros(Decimal(text or ZERO))


def _day(text: str) -> str:
    return day(date.fromisoformat(text))


def _country(code: str) -> str:
    """Empty for France, whose name no letter within it needs."""
    return "" if code == "FR" else code
