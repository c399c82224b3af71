"""Checks before a column is hidden or deleted: cards in it, and history that names it."""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.prospects.models import Prospect, ProspectEvent, Stage
from apps.prospects.services.errors import StageInUse


def check_hide_stage(*, stage: Stage) -> None:
    """Raises StageInUse while cards stand in it, or when it is the only column."""
    _check_empty(stage)
    if not Stage.objects.visible().exclude(pk=stage.pk).exists():
        raise StageInUse(_("C’est la dernière colonne du tableau : elle ne peut pas être masquée."), stage=stage)


def check_delete_stage(*, stage: Stage) -> None:
    """Raises StageInUse while cards stand in it, or when the history of a card names it."""
    _check_empty(stage)
    named = ProspectEvent.objects.filter(Q(from_stage=stage) | Q(to_stage=stage)).exists()
    if named or Prospect.objects.filter(stage=stage).exists():
        raise StageInUse(
            _("L’historique de cartes nomme « %(stage)s » : elle ne peut pas être supprimée. Masquez-la plutôt.")
            % {"stage": stage.name},
            stage=stage,
        )


def _check_empty(stage: Stage) -> None:
    count = Prospect.objects.not_deleted().filter(stage=stage).count()
    if count:
        text = ngettext(
            "« %(stage)s » contient encore %(count)s carte. Déplacez-la d’abord.",
            "« %(stage)s » contient encore %(count)s cartes. Déplacez-les d’abord.",
            count,
        )
        raise StageInUse(text % {"stage": stage.name, "count": count}, stage=stage)
