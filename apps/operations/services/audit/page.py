"""An audit as HTML: a self-contained file, or a page of the admin with its style sheet."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from apps.common.money import format_dollars, format_euros
from apps.operations.models import AuditFinding
from apps.operations.services.audit.report import grouped, unknown_sentence, unpriced_families
from apps.operations.services.audit.words import family_name

STYLES = "operations/audit.css"
# Length of a full bar in SVG units.
FULL = 1000


def page(data: dict[str, Any], *, is_standalone: bool = True) -> str:
    return render_to_string("operations/audit.html", context(data, is_standalone=is_standalone))


def context(data: dict[str, Any], *, is_standalone: bool) -> dict[str, Any]:
    cost = data["cost"]
    findings = [_worded(each) for each in data["findings"]]
    services = (data["explorer"] or {}).get("services", [])
    return {
        **data,
        "styles": Path(str(finders.find(STYLES))).read_text() if is_standalone else "",
        "at": datetime.fromisoformat(data["at"]),
        "euros": _euros(cost["euros"]),
        "dollars": _dollars(cost["dollars"]),
        "saved": _euros(data["savings"]),
        "families": _bars(
            (family_name(each["family"]), each["euros"], _euros(each["euros"])) for each in cost["families"]
        ),
        "services": _bars((each["service"], each["dollars"], _dollars(each["dollars"])) for each in services),
        "spent": _dollars(data["explorer"]["dollars"]) if services else "",
        "severities": _stacked(data["counts"]),
        "is_accountable": sum(data["counts"].values()),
        "groups": [
            {
                **group,
                "count": len(group["findings"]),
                "others": len(group["findings"]) - 1,
                "amount": _euros(round(group["total_euros"], 2)) if group["total_euros"] else "",
                "is_new": any(each["is_new"] for each in group["findings"]),
            }
            for group in grouped([each for each in findings if each["accepted"] is None])
        ],
        "unpriced": len(cost["unknown"]),
        "unpriced_of": len(cost["unknown"]) + cost.get("priced", 0),
        "unpriced_families": unpriced_families(cost["unknown"]),
        "unknown_sentences": [unknown_sentence(each) for each in cost["unknown"]],
        "accepted": [each for each in findings if each["accepted"] is not None],
        "dearest": [{**each, "amount": _euros(each["euros"])} for each in cost["resources"][:15]],
        "new_count": sum(each["is_new"] for each in data["findings"]),
    }


def _euros(amount: float) -> str:
    return format_euros(Decimal(str(amount)))


def _dollars(amount: float) -> str:
    return format_dollars(Decimal(str(amount)))


def _bars(rows: Iterable[tuple[str, float, str]]) -> list[dict[str, Any]]:
    listed = list(rows)
    largest = max((amount for _, amount, _ in listed), default=0) or 1
    return [
        {"name": name, "amount": label, "width": max(4, round(FULL * amount / largest))}
        for name, amount, label in listed
    ]


def _stacked(counts: dict[str, int]) -> list[dict[str, Any]]:
    """Parts of one bar, one after the other."""
    total = sum(counts.values()) or 1
    parts, x = [], 0
    for severity, count in counts.items():
        width = round(FULL * count / total)
        label = AuditFinding.Severity(severity).label
        parts.append({"name": label, "css": severity.lower(), "count": count, "x": x, "width": width})
        x += width
    return parts


def _worded(finding: dict[str, Any]) -> dict[str, Any]:
    accepted = finding["accepted"]
    return {
        **finding,
        "css": finding["severity"].lower(),
        "label": AuditFinding.Severity(finding["severity"]).label,
        "amount": _euros(finding["euros"]) if finding["euros"] else "",
        "accepted": accepted and {**accepted, "until": date.fromisoformat(accepted["until"])},
    }
