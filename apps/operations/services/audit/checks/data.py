"""Findings about queues, tables, secrets, images and the account's own settings for data."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.services.audit.checks.storage import BLOCKS
from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.statements import is_limited, may, statements, strangers

# https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-6
RULING_ACTIONS = (
    *("s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketPolicy", "s3:PutEncryptionConfiguration"),
    "s3:PutObjectAcl",
)


def _of(thing: dict[str, Any], check: str, severity: Severity, problem: str, remedy: str) -> Finding:
    return Finding(check, severity, thing["Arn"], thing["Region"], problem, remedy)


def plain_queues(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.queues:
        if each["IsPlain"]:
            problem = _("La file %(name)s n’est pas chiffrée.") % {"name": each["Arn"].rpartition(":")[2]}
            yield _of(each, "unencrypted_queue", Severity.MEDIUM, problem, _("Activez SSE-SQS : il ne coûte rien."))


def unrecoverable_tables(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.tables:
        if each["Recovers"] is False:
            problem = _("La table « %(name)s » ne se restaure pas à un instant choisi.") % {"name": each["Name"]}
            remedy = _("Activez sa restauration à un instant (PITR), 35 jours.")
            yield _of(each, "table_without_recovery", Severity.MEDIUM, problem, remedy)


def unrotated_secrets(inventory: Inventory) -> Iterator[Finding]:
    """Secrets that another service of AWS rotates by itself are its own affair."""
    for each in inventory.secrets:
        if not each.get("RotationEnabled") and not each.get("OwningService"):
            problem = _("Le secret « %(name)s » n’est jamais renouvelé.") % {"name": each["Name"]}
            remedy = _("Donnez-lui une rotation, ou acceptez ce constat en disant qui le renouvelle, et quand.")
            yield _of(each, "secret_without_rotation", Severity.LOW, problem, remedy)


def unscanned_repositories(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.repositories:
        if not each.get("imageScanningConfiguration", {}).get("scanOnPush"):
            problem = _("Personne n’examine les images du dépôt « %(name)s ».") % {"name": each["repositoryName"]}
            remedy = _("Activez l’examen à chaque dépôt d’image (scanOnPush), ou celui d’Inspector.")
            yield _of(each, "unscanned_repository", Severity.MEDIUM, problem, remedy)


def plain_file_systems(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.file_systems:
        if not each.get("Encrypted"):
            problem = _("Le système de fichiers %(name)s n’est pas chiffré.") % {"name": each["FileSystemId"]}
            remedy = _("Créez-en un chiffré et copiez-y les fichiers : cela ne s’ajoute pas après coup.")
            yield _of(each, "unencrypted_file_system", Severity.MEDIUM, problem, remedy)


def ruled_by_strangers(inventory: Inventory) -> Iterator[Finding]:
    """Buckets whose policy, rights or encryption another account may change."""
    for each in inventory.buckets:
        accounts = {
            account
            for statement in statements(each["Policy"] or {})
            if may(statement, *RULING_ACTIONS) and not is_limited(statement)
            for account in strangers(statement, inventory.account)
        }
        if accounts:
            problem = _("Le compte %(accounts)s peut changer qui a droit au bac « %(name)s ».") % {
                "accounts": ", ".join(sorted(accounts)),
                "name": each["Name"],
            }
            remedy = _("Ne laissez à un autre compte que la lecture ou le dépôt de fichiers.")
            yield _of(each, "bucket_of_strangers", Severity.HIGH, problem, remedy)


def unblocked_account(inventory: Inventory) -> Iterator[Finding]:
    missing = [name for name in BLOCKS if not (inventory.account_block or {}).get(name)]
    if inventory.account_block is not None and missing:
        yield Finding(
            "account_without_block",
            Severity.MEDIUM,
            f"arn:aws:s3::{inventory.account}:account",
            "",
            _("Rien n’empêche, dans ce compte, de rendre un bac public : il manque %(missing)s.")
            % {"missing": ", ".join(missing)},
            _("Activez les quatre blocages d’accès public du compte."),
        )


def plain_disks_by_default(inventory: Inventory) -> Iterator[Finding]:
    for region, encrypts in inventory.encrypts_disks.items():
        if not encrypts:
            yield Finding(
                "disks_plain_by_default",
                Severity.MEDIUM,
                inventory.arn("ec2", region, "ebs-encryption-by-default"),
                region,
                _("Un disque créé dans %(region)s n’est pas chiffré si l’on ne le demande pas.") % {"region": region},
                _("Activez le chiffrement EBS par défaut : aws ec2 enable-ebs-encryption-by-default."),
            )


def doomed_keys(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.doomed_keys:
        problem = _("La clé %(name)s sera supprimée le %(date)s, et ce qu’elle chiffre avec elle.") % {
            "name": each["Arn"].rpartition("/")[2],
            "date": f"{each['DeletionDate']:%d/%m/%Y}",
        }
        remedy = _("Si quelque chose s’en sert encore : aws kms cancel-key-deletion.")
        yield _of(each, "doomed_key", Severity.HIGH, problem, remedy)


def missing_budget(inventory: Inventory) -> Iterator[Finding]:
    if inventory.has_budget is False:
        yield Finding(
            "no_budget",
            Severity.LOW,
            f"arn:aws:budgets::{inventory.account}:budget",
            "",
            _("Aucun budget ne prévient quand la facture dépasse ce qui est prévu."),
            _("Créez-en un avec une alerte par e-mail (terraform/modules/finops)."),
        )
