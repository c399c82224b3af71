"""What an operator can do here: every operation with its options."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from apps.operations.registry import OPERATIONS, Operation, register
from apps.operations.services.metrics import publish_metrics

__all__ = ["OPERATIONS"]

register(
    Operation(
        name="publish_metrics",
        title=_("Mesures"),
        about=_("Commandes, paniers, files d’attente, ruptures : les chiffres de la dernière heure, pour les alarmes."),
        run=publish_metrics,
        time_limit=timedelta(minutes=5),
    )
)
