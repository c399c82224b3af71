"""Findings about policies that admit strangers."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.statements import (
    ANYBODY,
    admits_anybody,
    conditions,
    is_limited,
    principals,
    statements,
    strings,
)


def open_policies(inventory: Inventory) -> Iterator[Finding]:
    for check, severity, things, problem in (
        ("open_queue", Severity.CRITICAL, inventory.queues, _("N’importe qui peut se servir de la file %(name)s.")),
        ("open_topic", Severity.CRITICAL, inventory.topics, _("N’importe qui peut se servir du sujet %(name)s.")),
        ("open_key", Severity.CRITICAL, inventory.keys, _("N’importe qui peut se servir de la clé %(name)s.")),
    ):
        for each in things:
            if admits_anybody(each["Policy"]):
                yield Finding(
                    check,
                    severity,
                    each["Arn"],
                    each["Region"],
                    problem % {"name": each["Arn"].rpartition(":")[2]},
                    _("Nommez dans sa politique les rôles ou les services qui s’en servent, avec aws:SourceArn."),
                )


def trusting_roles(inventory: Inventory) -> Iterator[Finding]:
    """Roles that anybody may assume, and those that another account may without the secret of an ExternalId.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    for each in inventory.holders:
        trust = each.get("Trust") or {}
        name = each["Arn"].rpartition("/")[2]
        if admits_anybody(trust):
            yield Finding(
                "open_role",
                Severity.CRITICAL,
                each["Arn"],
                "",
                _("N’importe quel compte AWS peut endosser le rôle %(name)s.") % {"name": name},
                _("Nommez dans sa relation d’approbation le compte, le rôle ou le service qui l’endosse."),
            )
        elif strangers := sorted(_strangers(trust, inventory.account)):
            yield Finding(
                "foreign_account",
                Severity.HIGH,
                each["Arn"],
                "",
                _("Le compte %(accounts)s peut endosser le rôle %(name)s sans identifiant externe.")
                % {"accounts": ", ".join(strangers), "name": name},
                _("Exigez un sts:ExternalId que seul ce tiers connaît, ou ôtez ce compte."),
            )


def _strangers(trust: dict[str, Any], account: str) -> set[str]:
    found = set()
    for statement in statements(trust):
        if not is_limited(statement):
            found |= {_account(each) for each in principals(statement) if each != ANYBODY}
    return {each for each in found if each.isdigit()} - {account}


def _account(principal: str) -> str:
    return principal.split(":")[4] if principal.count(":") >= 5 else principal


def role_passing(inventory: Inventory) -> Iterator[Finding]:
    """Who may hand any role to a service obtains that role's rights."""
    held = [policy for policy in inventory.policies if policy["Holders"]]
    for each in [*inventory.holders, *held]:
        passing = [
            statement
            for document in each["Documents"].values()
            for statement in statements(document)
            if _passes_any(statement)
        ]
        if passing:
            is_limited_to_services = all(
                any(key == "iam:passedtoservice" for _operator, key, _values in conditions(statement))
                for statement in passing
            )
            yield Finding(
                "passes_any_role",
                Severity.MEDIUM if is_limited_to_services else Severity.HIGH,
                each["Arn"],
                "",
                _("%(name)s peut donner n’importe quel rôle à un service.") % {"name": each["Arn"].rpartition(":")[2]},
                _("Nommez dans iam:PassRole les rôles qui se donnent, avec iam:PassedToService."),
            )


def _passes_any(statement: dict[str, Any]) -> bool:
    resources = strings(statement.get("Resource"))
    reaches_all = any(each == "*" or each.endswith((":role/*", ":role*")) for each in resources)
    return reaches_all and any(each.lower() == "iam:passrole" for each in strings(statement.get("Action")))


def public_images(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.images:
        if each.get("Public"):
            yield Finding(
                "public_image",
                Severity.CRITICAL,
                each["Arn"],
                each["Region"],
                _("N’importe quel compte AWS peut démarrer l’image %(name)s et lire son disque.")
                % {"name": each["ImageId"]},
                _("Rendez-la privée, bloquez les images publiques de la région, et changez les secrets de son disque."),
            )


def plain_balancers(inventory: Inventory) -> Iterator[Finding]:
    """A listener of HTTP that redirects to HTTPS is none."""
    for each in inventory.balancers:
        plain = [one for one in each.get("Listeners", []) if one.get("Protocol") == "HTTP" and not _redirects(one)]
        if plain:
            yield Finding(
                "http_balancer",
                Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("Le répartiteur « %(name)s » sert en HTTP, sans chiffrement (port %(ports)s).")
                % {"name": each["LoadBalancerName"], "ports": ", ".join(str(one.get("Port")) for one in plain)},
                _("Donnez-lui un écouteur HTTPS, et faites de celui-ci une redirection."),
            )


def _redirects(listener: dict[str, Any]) -> bool:
    actions = listener.get("DefaultActions", [])
    return bool(actions) and all(
        action.get("Type") == "redirect" and action.get("RedirectConfig", {}).get("Protocol") == "HTTPS"
        for action in actions
    )
