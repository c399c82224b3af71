"""Findings about what is open to the whole Internet."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.statements import is_world

ADMIN_PORTS: dict[int, str | Promise] = {22: "SSH", 3389: "RDP"}
DATABASE_PORTS: dict[int, str | Promise] = {
    1433: "SQL Server",
    1521: "Oracle",
    3306: "MySQL",
    5432: "PostgreSQL",
    6379: "Redis",
    9200: "Elasticsearch",
    11211: "Memcached",
    27017: "MongoDB",
}
# Those of FSBP EC2.19 that are neither of the above, and the doors of containers.
RISKY_PORTS: dict[int, str | Promise] = {
    **dict.fromkeys((20, 21), "FTP"),
    **dict.fromkeys((2375, 2376), "Docker"),
    **dict.fromkeys((5500, 5900), "VNC"),
    **dict.fromkeys((3000, 5000, 8080, 8088, 8888), _lazy("un serveur d’essai")),
    23: "Telnet",
    25: "SMTP",
    110: "POP3",
    135: "RPC",
    143: "IMAP",
    445: "SMB",
    1434: "SQL Server",
    2379: "etcd",
    4333: "mSQL",
    5601: "Kibana",
    9300: "Elasticsearch",
    10250: "kubelet",
}


def open_ports(inventory: Inventory) -> Iterator[Finding]:
    for group in inventory.groups:
        rules = list(_to_the_world(group))
        for check, severity, ports in (
            ("open_admin_port", Severity.HIGH, ADMIN_PORTS),
            ("open_database_port", Severity.CRITICAL, DATABASE_PORTS),
            ("open_risky_port", Severity.HIGH, RISKY_PORTS),
        ):
            found = {(str(name), network) for rule, network in rules for name in _reached(rule, ports)}
            if found:
                yield Finding(
                    check,
                    severity,
                    group["Arn"],
                    group["Region"],
                    _("Le groupe « %(name)s » laisse entrer le monde entier (%(networks)s) sur %(services)s.")
                    % {
                        "name": group["GroupName"],
                        "networks": ", ".join(sorted({network for _name, network in found})),
                        "services": ", ".join(sorted({name for name, _network in found})),
                    },
                    _(
                        "Ôtez la règle du groupe ; pour entrer sur une machine, Session Manager suffit, et une base ne "
                        "parle qu’aux groupes de la boutique."
                    ),
                )


def _to_the_world(group: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for rule in group.get("IpPermissions", []):
        spans = [each["CidrIp"] for each in rule.get("IpRanges", [])]
        spans += [each["CidrIpv6"] for each in rule.get("Ipv6Ranges", [])]
        yield from ((rule, span) for span in spans if is_world(span))


def _reached(rule: dict[str, Any], ports: dict[int, str | Promise]) -> Iterable[str | Promise]:
    """By a range that includes the port, and by « all traffic », which has none."""
    if rule["IpProtocol"] == "-1":
        return ports.values()
    if rule["IpProtocol"] not in {"tcp", "6", "udp", "17"}:
        return ()
    return (name for port, name in ports.items() if rule.get("FromPort", 0) <= port <= rule.get("ToPort", 65_535))


def public_databases(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.databases:
        if each.get("PubliclyAccessible"):
            yield Finding(
                "public_database",
                Severity.CRITICAL,
                each["Arn"],
                each["Region"],
                _("La base « %(name)s » a une adresse sur Internet.") % {"name": each["DBInstanceIdentifier"]},
                _("Rendez-la privée (PubliclyAccessible à faux), dans un sous-réseau sans route vers Internet."),
            )


def public_snapshots(inventory: Inventory) -> Iterator[Finding]:
    for each in [*inventory.snapshots, *inventory.database_snapshots]:
        if each["IsPublic"]:
            yield Finding(
                "public_snapshot",
                Severity.CRITICAL,
                each["Arn"],
                each["Region"],
                _("N’importe quel compte AWS peut restaurer l’instantané %(name)s et lire ce qu’il contient.")
                % {"name": each.get("SnapshotId") or each.get("DBSnapshotIdentifier")},
                _("Ôtez « all » de ses partages, et changez les secrets et mots de passe qu’il contient."),
            )
