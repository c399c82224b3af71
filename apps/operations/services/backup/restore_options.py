"""Options of `restore`, in a terminal and on its page."""

from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.operations.errors import OperationFailed
from apps.operations.runs.definition import Options
from apps.operations.services.backup.destination import destination, has_password, without_password
from apps.operations.services.backup.instance import LATEST, RDS_NAME, parsed_moment
from apps.operations.services.backup.options import unsigned_field


class RestoreOptions(Options):
    only_in_terminal = ("unsigned",)

    backup = forms.CharField(
        label=gettext_lazy("Sauvegarde"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("laquelle, comme « database/2026-11-21T02-00-00/ » ; par défaut la plus récente"),
    )
    into = forms.CharField(
        label=gettext_lazy("Dans la base"),
        required=False,
        max_length=500,
        help_text=gettext_lazy(
            "une base vide ou à créer : mysql://hôte:3306/base, avec l’utilisateur de RESTORE_DATABASE_URL ou de "
            "DATABASE_URL si c’est le même serveur ; mysql://utilisateur:motdepasse@hôte:3306/base, dans un terminal "
            "seulement ; ou sqlite:////chemin/fichier"
        ),
    )
    rds = forms.RegexField(
        RDS_NAME,
        label=gettext_lazy("Instance RDS"),
        required=False,
        max_length=63,
        help_text=gettext_lazy(
            "une nouvelle instance RDS de ce nom, d’un instantané (le plus récent, ou --backup snap-…) ou d’un moment"
        ),
        error_messages={
            "invalid": gettext_lazy(
                "Un nom d’instance a des minuscules, des chiffres et des tirets simples, et commence par une lettre."
            )
        },
    )
    to_point_in_time = forms.CharField(
        label=gettext_lazy("Moment"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("avec --rds : l’état de la base à ce moment, « 2026-11-28T09:55 » ou « latest »"),
    )
    media = forms.BooleanField(  # type: ignore[assignment]
        label=gettext_lazy("Fichiers"),
        required=False,
        help_text=gettext_lazy("remet les fichiers qui manquent à la boutique, depuis leur copie"),
    )
    at_once = forms.IntegerField(
        label=gettext_lazy("À la fois"),
        min_value=1,
        max_value=16,
        initial=4,
        help_text=gettext_lazy("morceaux chargés en même temps dans MySQL, chacun par une connexion"),
    )
    unsigned = unsigned_field()

    @classmethod
    def recordable(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**given, "into": without_password(str(given.get("into") or ""))}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if not (cleaned.get("into") or cleaned.get("rds") or cleaned.get("media")):
            raise forms.ValidationError(
                _("Dites où restaurer la base (--into ou --rds), ou demandez les fichiers (--media).")
            )
        if cleaned.get("into") and cleaned.get("rds"):
            raise forms.ValidationError(
                _("Restaurez dans une base (--into) ou dans une instance (--rds), pas les deux.")
            )
        if cleaned.get("to_point_in_time") and not cleaned.get("rds"):
            raise forms.ValidationError(_("Un moment se restaure dans une nouvelle instance : nommez-la avec --rds."))
        if cleaned.get("to_point_in_time") and cleaned.get("backup"):
            raise forms.ValidationError(_("Restaurez une sauvegarde (--backup) ou un moment, pas les deux."))
        return cleaned

    def clean_to_point_in_time(self) -> str:
        text: str = self.cleaned_data["to_point_in_time"].strip()
        if text and text != LATEST and parsed_moment(text) is None:
            raise forms.ValidationError(_("Écrivez un moment comme 2026-11-28T09:55 (heure de Paris), ou latest."))
        return text

    def clean_in_page(self) -> None:
        """What a page sends waits in a queue, and a worker writes where it may."""
        into = str(self.cleaned_data.get("into") or "")
        if has_password(into):
            # The page is displayed again, without the password.
            self.data = {**self.data, "into": without_password(into)}
            self.add_error(
                "into",
                _(
                    "Sans mot de passe : il resterait dans la file d’attente. Mettez-le dans RESTORE_DATABASE_URL, ou "
                    "lancez la commande dans un terminal."
                ),
            )
        elif into.lower().startswith("sqlite") and not _is_within(into, settings.VAR_DIR):
            self.add_error(
                "into",
                _("Depuis cette page, un fichier SQLite se restaure sous %(folder)s.") % {"folder": settings.VAR_DIR},
            )


def _is_within(url: str, folder: Path) -> bool:
    try:
        path = destination(url).path
    except OperationFailed:
        return True  # The operation reports it.
    return path is not None and path.resolve().is_relative_to(folder.resolve())
