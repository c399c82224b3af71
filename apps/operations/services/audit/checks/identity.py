"""Findings about excessive permissions and missing factors of login."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory

OLD_KEY_DAYS = 90
# AWS's managed policies with all permissions, or with those to obtain all.
ALL_POWERFUL = {"AdministratorAccess", "PowerUserAccess", "IAMFullAccess"}


def wildcards(inventory: Inventory) -> Iterator[Finding]:
    """Policies in users, roles and groups, and those of ours that somebody holds: one that nobody holds, or that is
    only a ceiling (a permissions boundary), grants nothing."""
    held = [policy for policy in inventory.policies if policy["Holders"]]
    for each in [*inventory.holders, *held]:
        statements = [statement for document in each["Documents"].values() for statement in _listed(document)]
        if any(_gives_everything(statement) for statement in statements):
            yield _too_much(each, "iam_everything", Severity.HIGH, "*")
        elif services := sorted({action for statement in statements for action in _whole_services(statement)}):
            yield _too_much(each, "iam_whole_service", Severity.MEDIUM, ", ".join(services))


def _too_much(holder: dict[str, Any], check: str, severity: Severity, actions: str) -> Finding:
    return Finding(
        check,
        severity,
        holder["Arn"],
        "",
        _("%(name)s permet %(actions)s sur toute ressource.")
        % {"name": holder["Arn"].rpartition(":")[2], "actions": actions},
        _("Nommez les actions et les ressources dont on se sert ; IAM Access Analyzer les tire des journaux."),
    )


def _listed(document: dict[str, Any]) -> list[dict[str, Any]]:
    statements = document.get("Statement", [])
    found: list[dict[str, Any]] = statements if isinstance(statements, list) else [statements]
    return [each for each in found if each.get("Effect") == "Allow"]


def _strings(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def _on_everything(statement: dict[str, Any]) -> bool:
    return "*" in _strings(statement.get("Resource")) or "NotResource" in statement


def _gives_everything(statement: dict[str, Any]) -> bool:
    """NotAction names what is left out of everything."""
    actions = _strings(statement.get("Action"))
    return _on_everything(statement) and ("NotAction" in statement or bool({"*", "*:*"} & set(actions)))


def _whole_services(statement: dict[str, Any]) -> Iterable[str]:
    return (each for each in _strings(statement.get("Action")) if each.endswith(":*") and _on_everything(statement))


def administrators(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.holders:
        held = sorted({arn.rpartition("/")[2] for arn in each["Attached"] if ":aws:policy/" in arn} & ALL_POWERFUL)
        if held:
            yield Finding(
                "iam_administrator",
                Severity.HIGH,
                each["Arn"],
                "",
                _("%(name)s détient %(policies)s.")
                % {"name": each["Arn"].rpartition(":")[2], "policies": ", ".join(held)},
                _("Donnez une politique qui nomme ses actions, ou un rôle que l’on endosse avec un second facteur."),
            )


def old_keys(inventory: Inventory) -> Iterator[Finding]:
    for user in inventory.users:
        old = {key: (inventory.now - created_at).days for key, created_at in user["Keys"].items()}
        old = {key: days for key, days in old.items() if days > OLD_KEY_DAYS}
        if old:
            yield Finding(
                "old_access_key",
                Severity.MEDIUM,
                user["Arn"],
                "",
                _("%(user)s a une clé d’accès de %(days)d jours (%(keys)s).")
                % {
                    "user": user["Arn"].rpartition("/")[2],
                    "days": max(old.values()),
                    "keys": ", ".join(sorted(old)),
                },
                _("Remplacez la clé par un rôle, ou faites-en une autre puis désactivez celle-ci."),
            )


def missing_factors(inventory: Inventory) -> Iterator[Finding]:
    for user in inventory.users:
        if user["HasPassword"] and user["Factors"] == 0:
            yield Finding(
                "missing_mfa",
                Severity.HIGH,
                user["Arn"],
                "",
                _("%(user)s entre dans la console avec un mot de passe seul.")
                % {"user": user["Arn"].rpartition("/")[2]},
                _("Faites-lui ajouter un second facteur, ou ôtez son mot de passe."),
            )


def root(inventory: Inventory) -> Iterator[Finding]:
    arn = f"arn:aws:iam::{inventory.account}:root"
    if inventory.root.get("AccountMFAEnabled") == 0:
        yield Finding(
            "root_without_mfa",
            Severity.CRITICAL,
            arn,
            "",
            _("Le compte racine n’a pas de second facteur."),
            _("Connectez-vous une fois avec l’adresse du compte, et ajoutez une clé de sécurité."),
        )
    if inventory.root.get("AccountAccessKeysPresent"):
        yield Finding(
            "root_access_key",
            Severity.CRITICAL,
            arn,
            "",
            _("Le compte racine a une clé d’accès."),
            _("Supprimez cette clé : rien ne doit agir au nom du compte racine."),
        )
