"""Findings about policies that admit strangers."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.statements import (
    admits_anybody,
    conditions,
    is_limited,
    may,
    statements,
    strangers,
    strings,
)

# Providers of identities that serve everybody's repositories alike.
SHARED_ISSUERS = ("token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "api.bitbucket.org")


def open_policies(inventory: Inventory) -> Iterator[Finding]:
    for check, severity, things, problem in (
        ("open_queue", Severity.CRITICAL, inventory.queues, _("N’importe qui peut se servir de la file %(name)s.")),
        ("open_topic", Severity.CRITICAL, inventory.topics, _("N’importe qui peut se servir du sujet %(name)s.")),
        ("open_key", Severity.CRITICAL, inventory.keys, _("N’importe qui peut se servir de la clé %(name)s.")),
        (
            "open_function",
            Severity.CRITICAL,
            inventory.functions,
            _("N’importe qui peut appeler la fonction %(name)s."),
        ),
        (
            "open_repository",
            Severity.CRITICAL,
            inventory.repositories,
            _("N’importe qui peut se servir du dépôt d’images %(name)s."),
        ),
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
        elif accounts := sorted(_trusted_strangers(trust, inventory.account)):
            yield Finding(
                "foreign_account",
                Severity.HIGH,
                each["Arn"],
                "",
                _("Le compte %(accounts)s peut endosser le rôle %(name)s sans identifiant externe.")
                % {"accounts": ", ".join(accounts), "name": name},
                _("Exigez un sts:ExternalId que seul ce tiers connaît, ou ôtez ce compte."),
            )


def _trusted_strangers(trust: dict[str, Any], account: str) -> set[str]:
    return {each for one in statements(trust) if not is_limited(one) for each in strangers(one, account)}


def federated_roles(inventory: Inventory) -> Iterator[Finding]:
    """Roles for a forge's deployments that do not say of whose repository.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html#idp_oidc_Create_GitHub
    """
    for each in inventory.holders:
        if any(map(_is_for_any_repository, statements(each.get("Trust") or {}))):
            yield Finding(
                "open_federation",
                Severity.CRITICAL,
                each["Arn"],
                "",
                _("Les déploiements de n’importe quel dépôt peuvent endosser le rôle %(name)s.")
                % {"name": each["Arn"].rpartition("/")[2]},
                _("Nommez dans sa relation d’approbation le dépôt et sa branche (condition « …:sub »)."),
            )


def _is_for_any_repository(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal")
    issuers = strings(principal.get("Federated")) if isinstance(principal, dict) else []
    if not any(each.partition("oidc-provider/")[2].startswith(SHARED_ISSUERS) for each in issuers):
        return False
    named = [
        value
        for operator, key, values in conditions(statement)
        if key.endswith(":sub") and not operator.lower().startswith(("stringnot", "null"))
        for value in values
    ]
    return not named or any(not value.partition(":")[2].partition("/")[0].strip("*?:") for value in named)


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
    # What allows every action of every service is a finding of its own.
    named = {"Action": [each for each in strings(statement.get("Action")) if each.lower().startswith("iam:")]}
    return reaches_all and may(named, "iam:PassRole")


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


# Those that still take TLS 1.0 or 1.1; AWS's own when none is named is the first.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
OLD_TLS = {
    f"ELBSecurityPolicy-{name}"
    for name in (
        *("2016-08", "2015-05", "TLS-1-0-2015-04", "TLS-1-1-2017-01", "FS-2018-06", "FS-1-1-2019-08"),
        *("TLS13-1-0-2021-06", "TLS13-1-1-2021-06"),
    )
}


def old_tls(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.balancers:
        listeners = [one for one in each.get("Listeners", []) if one.get("Protocol") in {"HTTPS", "TLS"}]
        old = sorted({one["SslPolicy"] for one in listeners if one.get("SslPolicy") in OLD_TLS})
        if old:
            yield Finding(
                "old_tls",
                Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("Le répartiteur « %(name)s » accepte encore TLS 1.0 ou 1.1 (%(policies)s).")
                % {"name": each["LoadBalancerName"], "policies": ", ".join(old)},
                _("Donnez à son écouteur la politique ELBSecurityPolicy-TLS13-1-2-2021-06."),
            )
