"""The move of a card, by script or by a plain form, and its refusals."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from apps.accounts.models import User
from apps.prospects.models import Prospect, ProspectEvent, Stage
from apps.prospects.services import Author, Place, StaleVersion, move_prospect, neighbours

Kind = ProspectEvent.Kind
MAX_ID = 2**31 - 1
# Events that do not change a card.
WITHOUT_VERSION = [Kind.CREATED, Kind.NOTED, Kind.FILED, Kind.UNFILED, Kind.WARNED]


class MoveForm(forms.Form):
    """`after` and `before` are the neighbours that a script sends; a plain form sends `place`."""

    version = forms.IntegerField(min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)
    stage = forms.ModelChoiceField(
        label=gettext_lazy("Colonne"),
        queryset=Stage.objects.visible(),
        to_field_name="code",
        empty_label=None,
        widget=UnfoldAdminRadioSelectWidget,
    )
    place = forms.ChoiceField(
        label=gettext_lazy("Place"),
        choices=Place.choices,
        required=False,
        initial=Place.TOP,
        widget=UnfoldAdminRadioSelectWidget,
        help_text=gettext_lazy("Un rang plus haut ou plus bas : dans la colonne où la carte se trouve."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Motif"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Demandé par certaines colonnes, gardé dans l’historique de la carte."),
    )
    confirmed = forms.BooleanField(
        label=gettext_lazy("Déplacer même si la colonne est pleine"), required=False, widget=UnfoldBooleanWidget
    )
    after = forms.UUIDField(required=False, widget=forms.HiddenInput)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)


def move(*, prospect: Prospect, given: dict[str, Any], by: User) -> Prospect:
    """Raises what move_prospect raises; the message of StaleVersion names the other change."""
    after, before = given["after"], given["before"]
    if given["place"]:
        after, before = neighbours(prospect=prospect, stage=given["stage"], place=given["place"])
    try:
        return move_prospect(
            prospect_id=prospect.pk,
            version=given["version"],
            stage_code=given["stage"].code,
            after=after,
            before=before,
            reason=given["reason"],
            within_limit=not given["confirmed"],
            by=Author(user=by),
            now=timezone.now(),
        )
    except StaleVersion as stale:
        fresh = stale.details["prospect"]
        raise StaleVersion(what_happened(fresh), prospect=fresh) from stale


def what_happened(prospect: Prospect) -> str:
    """The last change of a card as a sentence, for a move with its target."""
    events = prospect.events.select_related("to_stage").order_by("-pk")
    last = events.exclude(kind__in=WITHOUT_VERSION).first()
    if last is None:
        return _("La carte de %(name)s a changé entre-temps. Votre déplacement n’a pas été fait.") % {"name": prospect}
    values = {
        "who": last.by_name or _("Un programme"),
        "name": prospect,
        "stage": last.to_stage.name if last.to_stage else "",
        "time": date_format(timezone.localtime(last.at), "H:i"),
    }
    if last.kind == Kind.MOVED:
        sentence = _(
            "%(who)s a déplacé %(name)s dans « %(stage)s » à %(time)s. Votre déplacement n’a pas été fait : "
            "la carte est montrée là où elle est."
        )
    else:
        sentence = _(
            "%(who)s a modifié la carte de %(name)s à %(time)s. Votre déplacement n’a pas été fait : "
            "relisez la carte et recommencez si besoin."
        )
    return sentence % values
