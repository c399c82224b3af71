"""Findings about backups and availability."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory, is_for_trying

# One is taken each night; this allows it to be late.
OLD_BACKUP = timedelta(hours=30)


def missing_backups(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.databases:
        if not each.get("BackupRetentionPeriod"):
            yield Finding(
                "no_backups",
                Severity.HIGH,
                each["Arn"],
                each["Region"],
                _("RDS ne sauvegarde pas la base « %(name)s ».") % {"name": each["DBInstanceIdentifier"]},
                _("Donnez-lui une durée de conservation (BackupRetentionPeriod), 7 jours au moins."),
            )
    newest = inventory.newest_backup_at
    if inventory.backups_readable and (newest is None or inventory.now - newest > OLD_BACKUP):
        bucket = settings.OPERATIONS["backup_bucket"]
        if newest is None:
            text = _("Il n’y a aucune sauvegarde logique dans %(bucket)s.") % {"bucket": bucket}
        else:
            text = _("La dernière sauvegarde logique dans %(bucket)s a %(hours)d heures.") % {
                "bucket": bucket,
                "hours": (inventory.now - newest).total_seconds() // 3600,
            }
        yield Finding(
            "old_backup",
            Severity.HIGH,
            f"arn:aws:s3:::{bucket}",
            settings.OPERATIONS["region"],
            text,
            _("Regardez pourquoi la tâche planifiée a échoué, puis : manage.py backup_manager --logical."),
        )


def single_zone(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.databases:
        if not each.get("MultiAZ"):
            yield Finding(
                "single_zone_database",
                Severity.INFO if is_for_trying(each) else Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("La base « %(name)s » n’a pas de remplaçante dans une autre zone.")
                % {"name": each["DBInstanceIdentifier"]},
                _("Activez Multi-AZ ; le prix de la base double."),
            )


def unprotected(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.databases:
        if not each.get("DeletionProtection"):
            yield Finding(
                "unprotected_database",
                Severity.INFO if is_for_trying(each) else Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("Une seule commande suffit pour supprimer la base « %(name)s ».")
                % {"name": each["DBInstanceIdentifier"]},
                _("Activez sa protection contre la suppression."),
            )
    for each in inventory.balancers:
        if each["Attributes"].get("deletion_protection.enabled") == "false":
            yield Finding(
                "unprotected_balancer",
                Severity.LOW,
                each["Arn"],
                each["Region"],
                _("Une seule commande suffit pour supprimer le répartiteur « %(name)s ».")
                % {"name": each["LoadBalancerName"]},
                _("Activez sa protection contre la suppression."),
            )
