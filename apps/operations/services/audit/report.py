"""An audit as lines, for a terminal and the run's output."""

from collections import Counter
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.common.money import NARROW_SPACE, format_dollars, format_euros
from apps.operations.models import AuditFinding
from apps.operations.runs.report import Reporter
from apps.operations.services.audit.words import family_name

# Of long lists; the rest is in --json and --html.
MAX_UNPRICED, MAX_ALIKE = 15, 5


def say_audit(data: dict[str, Any], report: Reporter) -> None:
    _say_money(data, report)
    for state, title in (("open", _("Constats")), ("accepted", _("Constats acceptés"))):
        chosen = [each for each in data["findings"] if (each["accepted"] is not None) == (state == "accepted")]
        if chosen:
            report.say(f"— {title} —")
        for group in grouped(chosen):
            _say_group(group, report)
    for each in data["gone"]:
        report.say(_("disparu   %(check)s %(resource)s") % each)
    for each in data["unread"]:
        mark = _("non lu") if each["is_optional"] else _("non audité")
        report.say(f"{mark:<9} {each['right']} ({each['region']}){NARROW_SPACE}: {each['why']}")


def grouped(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings of one check and severity that ask for the same remedy, in the order of the first of each; accepted ones
    stand alone, with who accepted them."""
    groups: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in findings:
        key = (each["check"], each["severity"], each["remedy"], each["key"] if each["accepted"] else "")
        group = groups.setdefault(key, {**each, "findings": [], "total_euros": 0.0})
        group["findings"].append(each)
        group["total_euros"] += each["euros"] or 0
    return list(groups.values())


def _say_group(group: dict[str, Any], report: Reporter) -> None:
    found = group["findings"]
    if len(found) == 1:
        _say_finding(group, report)
        return
    severity = AuditFinding.Severity(group["severity"]).label
    marks = [_("%(count)d fois") % {"count": len(found)}]
    if new := sum(each["is_new"] for each in found):
        marks.append(_("dont %(count)d nouveaux") % {"count": new})
    if group["total_euros"]:
        total = format_euros(Decimal(str(round(group["total_euros"], 2))))
        marks.append(_("%(euros)s par mois") % {"euros": total})
    report.say(f"{severity:<11} {group['check']}{_control(group)}  [{', '.join(marks)}]")
    for each in found[:MAX_ALIKE]:
        report.say(f"            {each['problem']}")
    if len(found) > MAX_ALIKE:
        report.say("            " + _("… et %(count)d autres de même.") % {"count": len(found) - MAX_ALIKE})
    report.say(f"            → {group['remedy']}")


def _control(each: dict[str, Any]) -> str:
    return f" ({each['control']})" if each.get("control") else ""


def _say_finding(each: dict[str, Any], report: Reporter) -> None:
    severity = AuditFinding.Severity(each["severity"]).label
    marks = [_("nouveau")] if each["is_new"] else []
    if each["is_expired"]:
        marks.append(_("acceptation expirée"))
    if each["euros"]:
        marks.append(_("%(euros)s par mois") % {"euros": format_euros(Decimal(str(each["euros"])))})
    mark = f" [{', '.join(marks)}]" if marks else ""
    report.say(f"{severity:<11} {each['check']}{_control(each)}  {each['name']}{mark}")
    report.say(f"            {each['problem']}")
    if each["accepted"]:
        report.say("            " + _("Accepté jusqu’au %(until)s par %(by)s : %(reason)s") % each["accepted"])
    else:
        report.say(f"            → {each['remedy']}")


def _dollars(amount: float) -> str:
    return format_dollars(Decimal(str(amount)))


def _say_money(data: dict[str, Any], report: Reporter) -> None:
    cost = data["cost"]
    tables = ", ".join(f"{each['region']} {each['date']}" for each in cost["tables"]) or _("aucun")
    report.say(f"— {_('Un mois, au tarif')} {tables} —")
    for each in cost["families"]:
        euros = format_euros(Decimal(str(each["euros"])))
        report.say(f"{family_name(each['family']):<28}{each['count']:>4}{_dollars(each['dollars']):>14}{euros:>14}")
    report.say(f"{_('En tout'):<32}{_dollars(cost['dollars']):>14}{format_euros(Decimal(str(cost['euros']))):>14}")
    for each in cost["unknown"][:MAX_UNPRICED]:
        report.say(unknown_sentence(each))
    if len(cost["unknown"]) > MAX_UNPRICED:
        report.say(_("… et %(count)d autres sans prix.") % {"count": len(cost["unknown"]) - MAX_UNPRICED})
    if cost["unconfirmed"]:
        report.say(_("Prix non confirmés : %(names)s") % {"names": ", ".join(cost["unconfirmed"])})
    if spent := data["explorer"]:
        report.say(_("Cost Explorer, %(month)s : %(dollars).2f $ payés.") % spent)
    else:
        report.say(_("Cost Explorer n’a rien dit : seul le tarif compte. Trafic, requêtes et journaux n’y sont pas."))


def unpriced_families(unknown: list[dict[str, Any]]) -> str:
    """How many of what, the most first."""
    counted = Counter(each["family"] for each in unknown)
    return ", ".join(f"{family_name(family)} {count}" for family, count in counted.most_common())


def unknown_sentence(each: dict[str, Any]) -> str:
    """Says whether the price or the size is what nobody knows."""
    if each.get("unmeasured") == each["unknown"]:
        return _("Taille inconnue, comptée nulle part : %(name)s (CloudWatch ne la mesure pas)") % each
    what = {"name": each["name"], "what": ", ".join(each["unknown"])}
    return _("Prix inconnu, compté nulle part : %(name)s (%(what)s)") % what
