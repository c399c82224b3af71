"""Findings about missing or silent alarms and expiring certificates."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory, running

SOON, VERY_SOON = timedelta(days=30), timedelta(days=7)


def expiring_certificates(inventory: Inventory) -> Iterator[Finding]:
    """ACM renews its own two months before: one that is still here failed its validation of the domain."""
    for each in inventory.certificates:
        until = each.get("NotAfter")
        if until is None or until - inventory.now >= SOON:
            continue
        left = until - inventory.now
        details = {"domain": each["DomainName"], "days": abs(left.days), "date": f"{until:%d/%m/%Y}"}
        text = (
            _("Le certificat de %(domain)s a expiré le %(date)s.")
            if left < timedelta(0)
            else _("Le certificat de %(domain)s expire dans %(days)d jours, le %(date)s.")
        )
        yield Finding(
            "expiring_certificate",
            Severity.HIGH if left < VERY_SOON else Severity.MEDIUM,
            each["Arn"],
            each["Region"],
            text % details,
            _("Importez-en un nouveau, ou refaites l’enregistrement DNS par lequel ACM vérifie le domaine."),
        )


def missing_alarms(inventory: Inventory) -> Iterator[Finding]:
    watched = {value for alarm in inventory.alarms for value in _dimensions(alarm)}
    in_fleets = {each["InstanceId"] for fleet in inventory.fleets for each in fleet.get("Instances", [])}
    candidates: list[tuple[dict[str, Any], str]] = [
        *((each, each["DBInstanceIdentifier"]) for each in inventory.databases),
        *((each, each["Arn"].partition("loadbalancer/")[2]) for each in inventory.balancers),
        *((each, each["AutoScalingGroupName"]) for each in inventory.fleets),
        *((each, each["InstanceId"]) for each in running(inventory) if each["InstanceId"] not in in_fleets),
    ]
    hidden = inventory.unread_alarms
    for each, dimension in candidates:
        if dimension not in watched and each["Region"] not in hidden:
            yield Finding(
                "missing_alarm",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("Aucune alarme ne surveille %(name)s.") % {"name": dimension},
                _("Ajoutez-en une dans terraform/modules/monitoring, qui parle au sujet SNS de l’équipe."),
            )


def _dimensions(alarm: dict[str, Any]) -> Iterator[str]:
    metrics = [alarm, *(each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each)]
    for metric in metrics:
        yield from (each["Value"] for each in metric.get("Dimensions", []))


def silent_alarms(inventory: Inventory) -> Iterator[Finding]:
    """Alarms that scale a fleet act too."""
    for each in inventory.alarms:
        if not each.get("ActionsEnabled", True) or not each.get("AlarmActions"):
            yield Finding(
                "silent_alarm",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("L’alarme « %(name)s » ne prévient personne.") % {"name": each["AlarmName"]},
                _("Donnez-lui le sujet SNS de l’équipe, ou supprimez-la."),
            )
