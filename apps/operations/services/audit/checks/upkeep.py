"""Findings about what nobody keeps in order: trails, keys, logs, versions that are no longer supported."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.statements import ANYBODY, conditions, principals, statements

# The end of RDS's standard support; what is older than the oldest ended before it. Extended support is paid besides.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html and its neighbours.
ENGINES = {
    "mysql": {"5.7": date(2024, 2, 29), "8.0": date(2026, 7, 31), "8.4": date(2029, 7, 31)},
    "mariadb": {"10.4": date(2024, 10, 31), "10.5": date(2025, 8, 31), "10.6": date(2026, 8, 31)},
    "postgres": {"11": date(2024, 2, 29), "12": date(2025, 2, 28), "13": date(2026, 2, 28), "14": date(2027, 2, 28)},
}
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtimes-deprecated, on 28 November 2026.
OLD_RUNTIMES = {
    *("dotnet5.0", "dotnet6", "dotnet7", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "go1.x"),
    *("java8", "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x"),
    *("nodejs14.x", "nodejs16.x", "nodejs18.x", "nodejs20.x", "provided", "python2.7", "python3.6", "python3.7"),
    *("python3.8", "python3.9", "python3.10", "ruby2.5", "ruby2.7", "ruby3.2"),
}
SHORTEST_PASSWORD = 14


def trails(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.trails:
        if each["IsLogging"] is False:
            yield Finding(
                "stopped_trail",
                Severity.HIGH,
                each["Arn"],
                each["Region"],
                _("Le journal CloudTrail « %(name)s » est arrêté.") % {"name": each["Name"]},
                _("Relancez-le (aws cloudtrail start-logging), et cherchez qui l’a arrêté."),
            )
    covers_all = any(each.get("IsMultiRegionTrail") and each["IsLogging"] is not False for each in inventory.trails)
    if inventory.trails_readable and not covers_all:
        yield Finding(
            "no_trail",
            Severity.HIGH,
            f"arn:aws:cloudtrail::{inventory.account}:trail",
            "",
            _("Aucun journal CloudTrail ne note ce qui se fait dans toutes les régions."),
            _("Créez un journal de toutes les régions, avec validation des fichiers, vers un bac verrouillé."),
        )


def unwatched_regions(inventory: Inventory) -> Iterator[Finding]:
    for region, is_watched in inventory.watched_by_guardduty.items():
        if not is_watched:
            yield Finding(
                "guardduty_off",
                Severity.MEDIUM,
                inventory.arn("guardduty", region, "detector"),
                region,
                _("GuardDuty ne surveille pas %(region)s.") % {"region": region},
                _("Activez-le : il lit CloudTrail, DNS et trafic, et prévient de ce qui ressemble à une intrusion."),
            )


def unrotated_keys(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.keys:
        if each["Rotates"] is False:
            yield Finding(
                "key_without_rotation",
                Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("La clé %(name)s n’est jamais renouvelée.") % {"name": each["Arn"].rpartition("/")[2]},
                _("Activez sa rotation annuelle : ce qu’elle a chiffré reste lisible."),
            )


def endless_logs(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.log_groups:
        if not each.get("retentionInDays"):
            yield Finding(
                "logs_for_ever",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("Le journal « %(name)s » se garde sans fin.") % {"name": each["logGroupName"]},
                _("Donnez-lui une durée : il se paie au mois, et peut contenir des données de personnes."),
            )


def loose_buckets(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.buckets:
        for check, severity, is_missing, problem, remedy in (
            (
                "bucket_without_tls",
                Severity.MEDIUM,
                each["Policy"] is not None and not _demands_tls(each["Policy"]),
                _("Le bac « %(name)s » accepte des requêtes sans TLS."),
                _("Ajoutez à sa politique un refus quand aws:SecureTransport est faux."),
            ),
            (
                "bucket_without_versions",
                Severity.LOW,
                each["Versioned"] is False,
                _("Le bac « %(name)s » ne garde pas les versions de ses fichiers."),
                _("Activez les versions : un fichier écrasé ou supprimé se retrouve."),
            ),
            (
                "bucket_without_lifecycle",
                Severity.LOW,
                each["Rules"] == [],
                _("Le bac « %(name)s » garde tout pour toujours."),
                _("Donnez-lui une règle de cycle de vie : envois inachevés, vieilles versions, archives."),
            ),
        ):
            if is_missing:
                name = {"name": each["Name"]}
                yield Finding(check, severity, each["Arn"], each["Region"], problem % name, remedy)


def _demands_tls(policy: dict[str, Any]) -> bool:
    """A refusal for everybody where the request came without TLS."""
    return any(
        ANYBODY in principals(each)
        and any(key == "aws:securetransport" and values == ["false"] for _operator, key, values in _lower(each))
        for each in statements(policy, "Deny")
    )


def _lower(statement: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    for operator, key, values in conditions(statement):
        yield operator, key, [value.lower() for value in values]


def old_versions(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.databases:
        engine, version = each.get("Engine", ""), str(each.get("EngineVersion", ""))
        ended = end_of_support(engine, version)
        if ended and ended <= inventory.now.date():
            yield Finding(
                "old_engine",
                Severity.HIGH,
                each["Arn"],
                each["Region"],
                _("La base « %(name)s » est un %(engine)s %(version)s, hors du support ordinaire depuis le %(date)s.")
                % {
                    "name": each["DBInstanceIdentifier"],
                    "engine": engine,
                    "version": version,
                    "date": f"{ended:%d/%m/%Y}",
                },
                _("Passez à la version suivante : le support étendu se paie à l’heure et par processeur, en plus."),
            )
    for each in inventory.functions:
        if each.get("Runtime") in OLD_RUNTIMES:
            yield Finding(
                "old_runtime",
                Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("La fonction « %(name)s » tourne sur %(runtime)s, qu’AWS ne corrige plus.")
                % {"name": each["FunctionName"], "runtime": each["Runtime"]},
                _("Passez-la à un environnement d’exécution actuel."),
            )


def end_of_support(engine: str, version: str) -> date | None:
    """None where the table does not know the engine, or nothing ends so soon."""
    versions = ENGINES.get(engine, {})
    numbers = _numbers(version)
    if not numbers:
        return None
    for major, ended in versions.items():
        wanted = _numbers(major)
        if numbers[: len(wanted)] <= wanted:
            return ended
    return None


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def people(inventory: Inventory) -> Iterator[Finding]:
    for user in inventory.users:
        if len(user["Keys"]) > 1:
            yield Finding(
                "two_access_keys",
                Severity.LOW,
                user["Arn"],
                "",
                _("%(user)s a deux clés d’accès actives.") % {"user": user["Arn"].rpartition("/")[2]},
                _("N’en gardez qu’une : la seconde ne sert que le temps d’un remplacement."),
            )
    policy = inventory.password_policy
    has_passwords = any(user["HasPassword"] for user in inventory.users)
    if policy is not None and has_passwords and policy.get("MinimumPasswordLength", 0) < SHORTEST_PASSWORD:
        yield Finding(
            "weak_password_policy",
            Severity.MEDIUM,
            f"arn:aws:iam::{inventory.account}:account",
            "",
            _("Le compte accepte des mots de passe de moins de %(count)d signes.") % {"count": SHORTEST_PASSWORD},
            _("Exigez %(count)d signes, et qu’un mot de passe ne resserve pas.") % {"count": SHORTEST_PASSWORD},
        )
