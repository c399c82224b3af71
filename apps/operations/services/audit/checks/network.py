"""Findings about networks: what lets in by default, and what nobody notes."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.services.audit.checks.exposure import ADMIN_PORTS
from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.statements import is_world

TCP, ALL = "6", "-1"


def unlogged_networks(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.vpcs:
        if each["HasFlowLogs"] is False:
            yield Finding(
                "vpc_without_flow_logs",
                Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("Rien ne note le trafic du réseau %(name)s.") % {"name": each["VpcId"]},
                _("Activez ses journaux de flux, au moins pour ce qui est refusé ; supprimez-le s’il ne sert pas."),
            )


def default_groups(inventory: Inventory) -> Iterator[Finding]:
    """A machine that is started without a group gets this one."""
    for each in inventory.groups:
        rules = [*each.get("IpPermissions", []), *each.get("IpPermissionsEgress", [])]
        if each["GroupName"] == "default" and rules:
            yield Finding(
                "open_default_group",
                Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("Le groupe par défaut du réseau %(vpc)s (%(name)s) laisse passer du trafic.")
                % {"vpc": each.get("VpcId", ""), "name": each["GroupId"]},
                _("Ôtez toutes ses règles, et donnez à chaque machine un groupe à elle."),
            )


def open_network_acls(inventory: Inventory) -> Iterator[Finding]:
    """The first rule that meets a packet decides. AWS's own of each network lets everything in, and is left out."""
    for each in inventory.network_acls:
        entries = sorted(
            (one for one in each.get("Entries", []) if not one.get("Egress")), key=lambda one: one["RuleNumber"]
        )
        reached = [
            str(name) for port, name in ADMIN_PORTS.items() if not each.get("IsDefault") and _admits(entries, port)
        ]
        if reached:
            yield Finding(
                "open_network_acl",
                Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("La liste de contrôle %(name)s laisse entrer le monde entier sur %(services)s.")
                % {"name": each["NetworkAclId"], "services": ", ".join(reached)},
                _("Refusez ces ports avant la règle qui laisse entrer."),
            )


def _admits(entries: list[dict[str, Any]], port: int) -> bool:
    for each in entries:
        source = each.get("CidrBlock") or each.get("Ipv6CidrBlock")
        ports = each.get("PortRange")
        is_met = each.get("Protocol") == ALL or (
            each.get("Protocol") == TCP and (not ports or ports["From"] <= port <= ports["To"])
        )
        if source and is_world(source) and is_met:
            return bool(each["RuleAction"] == "allow")
    return False
