"""`audit_infra`: costs of the account, and findings. Only reads from AWS."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common import partial_files
from apps.common.money import format_euros
from apps.operations.errors import BadFile
from apps.operations.runs.broken import is_full
from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.audit.asking import Ask, Unread
from apps.operations.services.audit.checks import check
from apps.operations.services.audit.costs import costs
from apps.operations.services.audit.finding import ORDER, Finding, Severity, rank
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.ledger import Compared, Scope, compare
from apps.operations.services.audit.ocsf import as_ocsf
from apps.operations.services.audit.page import page
from apps.operations.services.audit.prowler import merge, read_prowler
from apps.operations.services.audit.readers import read_account
from apps.operations.services.audit.report import say_audit, unpriced_families
from apps.operations.services.audit.spending import ask_explorer, estimate

NEVER = "never"
FAIL_ON = [(str(each).lower(), each.label) for each in ORDER] + [(NEVER, gettext_lazy("jamais"))]


class AuditOptions(Options):
    fail_on = forms.ChoiceField(
        label=gettext_lazy("Échoue à partir de"),
        choices=FAIL_ON,
        initial="high",
        help_text=gettext_lazy("gravité d’un constat non accepté qui fait échouer l’audit"),
    )
    regions = forms.CharField(
        label=gettext_lazy("Régions"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("séparées par des virgules ; par défaut la nôtre et celle des copies"),
    )
    prowler = forms.CharField(
        label=gettext_lazy("Prowler"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("fichier OCSF (« prowler aws -M json-ocsf ») dont les constats s’ajoutent aux nôtres"),
    )
    ocsf = forms.CharField(
        label="OCSF",
        required=False,
        max_length=500,
        help_text=gettext_lazy("fichier où écrire les constats en OCSF, pour un outil de sécurité"),
    )
    html = forms.CharField(
        label=gettext_lazy("Page"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("fichier où écrire l’audit en une page"),
    )
    # Files of the machine where the command runs.
    only_in_terminal = ("prowler", "ocsf", "html")

    def clean_html(self) -> str:
        return self._clean_path("html")

    def clean_ocsf(self) -> str:
        return self._clean_path("ocsf")

    def _clean_path(self, name: str) -> str:
        path: str = self.cleaned_data[name]
        if path and (not Path(path).parent.is_dir() or Path(path).is_dir()):
            raise forms.ValidationError(
                _("%(path)s ne peut pas être un fichier : le dossier existe-t-il ?"), params={"path": path}
            )
        return path


def audit(
    *, fail_on: str, regions: str, prowler: str, ocsf: str, html: str, dry_run: bool, report: Reporter, now: datetime
) -> Outcome:
    """Fails when a finding that nobody accepted is as severe as `fail_on`. Refused calls are findings too, and the rest
    is audited. Findings are stored, to tell new ones from old; a dry run stores and writes nothing."""
    theirs = read_prowler(prowler) if prowler else []
    places = _places(regions)
    ask = Ask()
    inventory = read_account(ask=ask, regions=places, report=report, now=now)
    explorer = ask_explorer(ask, now)
    scope = Scope(regions=places, unread=ask.unread, has_prowler=bool(prowler))
    data = judge(inventory=inventory, scope=scope, explorer=explorer, theirs=theirs, fail_on=fail_on, dry_run=dry_run)
    say_audit(data, report)
    if ocsf and not dry_run:
        _write(ocsf, as_ocsf(data))
        report.say(_("Les constats sont dans %(path)s.") % {"path": ocsf})
    if html and not dry_run:
        _write(html, page(data))
        report.say(_("La page est dans %(path)s.") % {"path": html})
    return Outcome(_sentence(data), data, ok=not data["failing"])


def judge(
    *,
    inventory: Inventory,
    scope: Scope,
    explorer: dict[str, Any] | None,
    theirs: list[Finding],
    fail_on: str,
    dry_run: bool,
) -> dict[str, Any]:
    """What follows from what was read: AWS is not asked. Stores the findings, but for a dry run."""
    unread, now = scope.unread, inventory.now
    paid = costs(inventory)
    findings = merge([*check(inventory, paid), *_not_audited(unread)], theirs)
    compared = compare(findings=findings, scope=scope, now=now, is_dry_run=dry_run)
    failing = [each for each in findings if each.key not in compared.accepted and _is_severe(each, fail_on)]
    return {
        "account": inventory.account,
        "regions": scope.regions,
        "at": timezone.localtime(now).isoformat(timespec="seconds"),
        "fail_on": fail_on,
        "failing": len(failing),
        "is_complete": all(each.is_optional for each in unread),
        "unread": [vars(each) for each in unread],
        "counts": _counts(findings, compared),
        "savings": _savings(findings, compared),
        "cost": estimate(paid, scope.regions),
        "explorer": explorer,
        "findings": [_described(each, compared) for each in findings],
        "gone": compared.gone,
    }


def _places(regions: str) -> list[str]:
    asked = [each.strip() for each in regions.split(",") if each.strip()]
    ours = [settings.OPERATIONS["region"], settings.OPERATIONS["backup_region"]]
    return list(dict.fromkeys(asked or [each for each in ours if each]))


def _not_audited(unread: list[Unread]) -> list[Finding]:
    return [
        Finding(
            "not_audited",
            Severity.MEDIUM,
            each.right,
            each.region,
            _("%(service)s n’est pas audité dans %(region)s : AWS refuse %(right)s.") % vars(each),
            each.why,
        )
        for each in unread
        if not each.is_optional
    ]


def _is_severe(finding: Finding, fail_on: str) -> bool:
    return fail_on != NEVER and rank(finding.severity) >= rank(fail_on.upper())


def _counts(findings: list[Finding], compared: Compared) -> dict[str, int]:
    """Of findings that nobody accepted, the worst first."""
    counted = Counter(str(each.severity) for each in findings if each.key not in compared.accepted)
    return {str(severity): counted[str(severity)] for severity in reversed(ORDER)}


def _savings(findings: list[Finding], compared: Compared) -> float:
    """The largest saving of each resource: an idle machine is switched off, not reserved as well."""
    best: dict[str, Decimal] = {}
    for each in findings:
        if each.euros is not None and each.key not in compared.accepted:
            best[each.resource] = max(each.euros, best.get(each.resource, Decimal(0)))
    return float(sum(best.values(), Decimal(0)))


def _described(finding: Finding, compared: Compared) -> dict[str, Any]:
    return {
        **finding.as_data(),
        "is_new": finding.key in compared.new,
        "accepted": compared.accepted.get(finding.key),
        "is_expired": finding.key in compared.expired,
    }


def _sentence(data: dict[str, Any]) -> str:
    counts = data["counts"]
    text = _(
        "Constats : %(count)d, dont critiques %(critical)d, hauts %(high)d, nouveaux %(new)d, acceptés %(accepted)d ; "
        "disparus %(gone)d. %(month)s par mois au tarif, %(savings)s à gagner."
    ) % {
        "count": len(data["findings"]),
        "critical": counts["CRITICAL"],
        "high": counts["HIGH"],
        "new": sum(each["is_new"] for each in data["findings"]),
        "gone": len(data["gone"]),
        "accepted": sum(each["accepted"] is not None for each in data["findings"]),
        "month": format_euros(Decimal(str(data["cost"]["euros"]))),
        "savings": format_euros(Decimal(str(data["savings"]))),
    }
    if unknown := data["cost"]["unknown"]:
        missing = {
            "unknown": len(unknown),
            "count": len(unknown) + data["cost"]["priced"],
            "families": unpriced_families(unknown),
        }
        unpriced = _(
            "Comptées nulle part, faute de prix ou de taille : %(unknown)d ressources sur %(count)d (%(families)s)."
        )
        text = f"{text} {unpriced % missing}"
    if not data["is_complete"]:
        services = sorted({each["service"] for each in data["unread"] if not each["is_optional"]})
        text = _("Audit incomplet (%(services)s). ") % {"services": ", ".join(services)} + text
    return text


def _write(path: str, text: str) -> None:
    """Whole or not at all."""
    try:
        with partial_files.whole(Path(path)) as partial:
            partial.write_text(text)
    except OSError as error:
        if is_full(error):
            # Which is no fault of the path.
            raise OSError(error.errno, error.strerror, path) from error
        raise BadFile(_("%(path)s ne s’écrit pas : %(error)s.") % {"path": path, "error": error.strerror}) from error


register(
    Operation(
        name="audit_infra",
        title=gettext_lazy("Audit"),
        about=gettext_lazy(
            "Ce que coûte le compte AWS, et ce qui y est mal : sécurité, sauvegardes, dépenses. AWS n’est que lu."
        ),
        run=audit,
        options=AuditOptions,
        time_limit=timedelta(minutes=20),
    )
)
