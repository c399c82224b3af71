"""Findings about public buckets and missing encryption."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def public_buckets(inventory: Inventory) -> Iterator[Finding]:
    """A block of public access makes a bucket not public."""
    for each in inventory.buckets:
        by_list = each["PublicAcl"] and not each["Block"].get("IgnorePublicAcls")
        by_policy = each["PublicPolicy"] and not each["Block"].get("RestrictPublicBuckets")
        if by_list or by_policy:
            how = _("par sa liste d’accès") if by_list else _("par sa politique")
            yield Finding(
                "public_bucket",
                Severity.CRITICAL,
                each["Arn"],
                each["Region"],
                _("Le bac « %(name)s » est ouvert à tous, %(how)s.") % {"name": each["Name"], "how": how},
                _("Bloquez l’accès public du bac ; CloudFront sert les fichiers avec une origine privée."),
            )


def unblocked_buckets(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.buckets:
        missing = [name for name in BLOCKS if not each["Block"].get(name)]
        is_public = each["PublicAcl"] or each["PublicPolicy"]
        if each["BlockReadable"] and missing and not is_public:
            yield Finding(
                "bucket_without_block",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("Rien n’empêche de rendre public le bac « %(name)s » : il manque %(missing)s.")
                % {"name": each["Name"], "missing": ", ".join(missing)},
                _("Activez les quatre blocages d’accès public, du bac ou du compte."),
            )


def unencrypted_buckets(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.buckets:
        if each["Encrypted"] is False:
            yield Finding(
                "unencrypted_bucket",
                Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("Le bac « %(name)s » ne chiffre pas ce qu’on y dépose.") % {"name": each["Name"]},
                _("Donnez-lui un chiffrement par défaut, SSE-S3 ou SSE-KMS."),
            )


def unencrypted_disks(inventory: Inventory) -> Iterator[Finding]:
    for check, things, problem in (
        ("unencrypted_volume", inventory.volumes, _("Le volume %(name)s n’est pas chiffré.")),
        ("unencrypted_snapshot", inventory.snapshots, _("L’instantané de volume %(name)s n’est pas chiffré.")),
    ):
        for each in things:
            if not each.get("Encrypted"):
                yield Finding(
                    check,
                    Severity.MEDIUM,
                    each["Arn"],
                    each["Region"],
                    problem % {"name": each["Arn"].rpartition("/")[2]},
                    _("Copiez-le chiffré, échangez-le, et activez le chiffrement EBS par défaut de la région."),
                )


def unencrypted_databases(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.databases:
        if not each.get("StorageEncrypted"):
            yield Finding(
                "unencrypted_database",
                Severity.HIGH,
                each["Arn"],
                each["Region"],
                _("La base « %(name)s » n’est pas chiffrée.") % {"name": each["DBInstanceIdentifier"]},
                _("Copiez un instantané en le chiffrant, restaurez-le, et passez la boutique sur la nouvelle base."),
            )
    for each in inventory.database_snapshots:
        if not each.get("Encrypted"):
            yield Finding(
                "unencrypted_database_snapshot",
                Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("L’instantané de base « %(name)s » n’est pas chiffré.") % {"name": each["DBSnapshotIdentifier"]},
                _("Copiez-le avec une clé KMS, puis supprimez celui-ci."),
            )
    for each in inventory.caches:
        if not each.get("AtRestEncryptionEnabled"):
            yield Finding(
                "unencrypted_cache",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("Le cache « %(name)s » n’est pas chiffré.") % {"name": each["ReplicationGroupId"]},
                _("Refaites-le avec le chiffrement au repos : il ne s’ajoute pas après coup."),
            )
