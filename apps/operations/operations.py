"""What an operator can do here: every operation with its options."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from apps.operations.registry import OPERATIONS, Operation, register
from apps.operations.services.audit.audit import AuditOptions, audit
from apps.operations.services.backup.manager import BackupOptions, back_up
from apps.operations.services.backup.restore import RestoreOptions, restore
from apps.operations.services.backup.restore_check import RestoreCheckOptions, restore_check
from apps.operations.services.cleanup import CleanupOptions, cleanup
from apps.operations.services.lake.populate import LakeOptions, populate_datalake
from apps.operations.services.loadtest.load_generator import LoadOptions, load_generator
from apps.operations.services.metrics import publish_metrics
from apps.operations.services.stray_files import SweepOptions, sweep_files
from apps.operations.services.timetable.daily_scheduler import SchedulerOptions, daily_scheduler

__all__ = ["OPERATIONS"]

register(
    Operation(
        name="backup_manager",
        title=_("Sauvegarde"),
        about=_(
            "Un instantané de la base RDS, ou une sauvegarde logique relue aussitôt, ou les fichiers de la boutique."
        ),
        run=back_up,
        options=BackupOptions,
        time_limit=timedelta(minutes=25),
    )
)
register(
    Operation(
        name="restore_check",
        title=_("Essai de restauration"),
        about=_("Restaure une sauvegarde dans une base vide, vérifie que la boutique y est juste, puis l’efface."),
        run=restore_check,
        options=RestoreCheckOptions,
        time_limit=timedelta(minutes=25),
    )
)
register(
    Operation(
        name="restore",
        title=_("Restauration"),
        about=_(
            "Remet une sauvegarde dans une base vide, qui reste, et les fichiers depuis leur copie ; jamais dans la "
            "base de la boutique elle-même."
        ),
        run=restore,
        options=RestoreOptions,
        time_limit=timedelta(minutes=25),
        terminal_time_limit=timedelta(hours=24),
        runs_without_database=True,
    )
)

register(
    Operation(
        name="cleanup",
        title=_("Ménage"),
        about=_("Liste nos anciens instantanés et exports avec leur âge, et les supprime si on le demande."),
        run=cleanup,
        options=CleanupOptions,
        time_limit=timedelta(minutes=15),
    )
)
register(
    Operation(
        name="sweep_files",
        title=_("Fichiers sans emploi"),
        about=_("Supprime les images que plus aucun produit ne montre et les envois que personne n’a terminés."),
        run=sweep_files,
        options=SweepOptions,
        time_limit=timedelta(minutes=25),
    )
)
register(
    Operation(
        name="publish_metrics",
        title=_("Mesures"),
        about=_("Commandes, paniers, files d’attente, ruptures : les chiffres de la dernière heure, pour les alarmes."),
        run=publish_metrics,
        time_limit=timedelta(minutes=5),
    )
)
register(
    Operation(
        name="daily_scheduler",
        title=_("Horaires de développement"),
        about=_(
            "Démarre et arrête ce qui porte l’étiquette Environment=dev, selon l’horaire, et compte les économies."
        ),
        run=daily_scheduler,
        options=SchedulerOptions,
        time_limit=timedelta(minutes=4),
    )
)
register(
    Operation(
        name="populate_datalake",
        title=_("Lac de données"),
        about=_("Catalogue, images et ventes par mois, sans donnée personnelle, là où les analystes les lisent."),
        run=populate_datalake,
        options=LakeOptions,
        time_limit=timedelta(minutes=25),
    )
)
register(
    Operation(
        name="load_generator",
        title=_("Essai de charge"),
        about=_(
            "Des visiteurs qui regardent, cherchent et achètent, au rythme voulu, et ce que la boutique en a fait."
        ),
        run=load_generator,
        options=LoadOptions,
        time_limit=timedelta(minutes=28),
    )
)
register(
    Operation(
        name="audit_infra",
        title=_("Audit"),
        about=_("Ce que coûte le compte AWS, et ce qui y est mal : sécurité, sauvegardes, dépenses. AWS n’est que lu."),
        run=audit,
        options=AuditOptions,
        time_limit=timedelta(minutes=20),
    )
)
