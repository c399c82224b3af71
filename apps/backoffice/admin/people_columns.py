"""The screen on which a person says what each column of a list of people or of past orders is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanWidget

from apps.common.errors import DomainError
from apps.common.letters import fold
from apps.common.tabular.choice import Surveyed, column_keys
from apps.common.tabular.encoding import CODECS
from apps.common.tabular.header import normalised
from apps.common.tabular.table import REJECT_LINE, REJECT_REASON
from apps.common.typed import TypedForm
from apps.imports.history import choice as history
from apps.imports.history.values import state as state_of
from apps.orders.models import PastOrder
from apps.prospects import columns as prospects

_OURS = {normalised(REJECT_LINE), normalised(REJECT_REASON)}
_KINDS = [(history.Kind.ORDERS, _("des commandes")), (history.Kind.CUSTOMERS, _("des clients"))]
_DATES = [
    (history.DAY, _("le jour d’abord : 05/12/2023 est le 5 décembre")),
    (history.MONTH, _("le mois d’abord : 05/12/2023 est le 12 mai")),
    ("", _("refuser les dates qui se lisent des deux façons")),
]


class EncodingField(forms.ChoiceField):
    """For a file whose letters can be read in several ways: the refusal shows a word as each of them reads it."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Encodage"),
            required=False,
            choices=[("", _("reconnaître")), *CODECS.items()],
            widget=UnfoldAdminSelectWidget,
            help_text=_("Seulement pour un fichier dont les accents n’ont pas pu être reconnus."),
        )


class PeopleColumnsForm(TypedForm, forms.Form):
    """One choice for each column, then what is asked beside them. `choice` is what was chosen, once valid."""

    labels: Mapping[str, Any] = prospects.LABELS
    asks = ["has_header"]
    # Whether a choice may raise another question.
    asks_more = False

    has_header = forms.BooleanField(
        label=_("La première ligne donne les noms des colonnes"), required=False, widget=UnfoldBooleanWidget
    )

    def __init__(
        self, surveyed: Sequence[Surveyed], begin: Any, *, offered: str = "", data: Mapping[str, Any] | None = None
    ) -> None:
        self.surveyed, self.offered = surveyed, offered
        self.header = [column.name for column in surveyed]
        super().__init__(data, initial={name: getattr(begin, name) for name in self.asks}, label_suffix="")
        keys = column_keys(self.header, has_header=begin.has_header)
        for at, column in enumerate(surveyed):
            self.fields[f"column-{at}"] = forms.ChoiceField(
                label=column.name or _("sans nom"),
                choices=[("", _("ne pas reprendre")), *self.labels.items()],
                required=False,
                initial=begin.columns.get(keys[at], ""),
                widget=UnfoldAdminSelectWidget,
            )

    def columns(self) -> Iterator[dict[str, Any]]:
        """For the template: each column with its samples and its choice, but those that we put in front ourselves."""
        for at, column in enumerate(self.surveyed):
            if normalised(column.name) not in _OURS:
                yield {"column": column, "field": self[f"column-{at}"]}

    def words(self) -> list[forms.BoundField]:
        return []

    def asked(self) -> list[forms.BoundField]:
        return [self[name] for name in self.asks]

    def chosen(self, given: Mapping[str, Any]) -> dict[str, str]:
        keys = column_keys(self.header, has_header=given["has_header"])
        return {key: given[f"column-{at}"] for at, key in enumerate(keys)}

    def choice_of(self, given: Mapping[str, Any]) -> Any:
        return prospects.ColumnsChoice(self.chosen(given), given["has_header"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        self.choice = self.choice_of(given)
        try:
            self.choice.check()
        except DomainError as error:
            self.add_error(None, error.message)
        return given


class HistoryColumnsForm(PeopleColumnsForm):
    labels = history.LABELS
    asks = ["kind", "dates", "has_header"]
    asks_more = True

    kind = forms.ChoiceField(label=_("Ce fichier contient"), choices=_KINDS, widget=UnfoldAdminSelectWidget)
    dates = forms.ChoiceField(label=_("Dans les dates"), choices=_DATES, required=False, widget=UnfoldAdminSelectWidget)

    def __init__(
        self, surveyed: Sequence[Surveyed], begin: Any, *, offered: str = "", data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(surveyed, begin, offered=offered, data=data)
        at = next((at for at in range(len(surveyed)) if self._is_of_states(at)), None)
        for number, word in enumerate(surveyed[at].words if at is not None else []):
            state, is_understood = state_of(word, program="")
            initial = begin.states.get(fold(word)) or (state if is_understood else "")
            self.fields[f"word-{number}"] = forms.ChoiceField(
                label=_("« %(word)s » dans « %(column)s »") % {"word": word, "column": surveyed[at or 0].name},
                choices=[("", _("à choisir")), *PastOrder.State.choices],
                initial=initial,
                widget=UnfoldAdminSelectWidget,
                error_messages={"required": _("Dites ce que « %(word)s » veut dire.") % {"word": word}},
            )
            if self.is_bound and f"word-{number}" not in self.data:
                # Its column is chosen just now: the question begins with what we understand.
                self.data = {**dict(self.data.items()), f"word-{number}": initial}
        self._words = surveyed[at].words if at is not None else []

    def _is_of_states(self, at: int) -> bool:
        field = self.fields[f"column-{at}"]
        return (self.data.get(f"column-{at}") if self.is_bound else field.initial) == "status"

    def words(self) -> list[forms.BoundField]:
        return [self[f"word-{number}"] for number in range(len(self._words))]

    def choice_of(self, given: Mapping[str, Any]) -> history.HistoryChoice:
        return history.HistoryChoice(
            kind=history.Kind(given["kind"]),
            columns=self.chosen(given),
            has_header=given["has_header"],
            dates=given["dates"],
            states={fold(word): given[f"word-{number}"] for number, word in enumerate(self._words)},
        )


def columns_page(
    screen: ModelAdmin, request: HttpRequest, received: Any, form: PeopleColumnsForm, *, why: str = ""
) -> HttpResponse:
    """The screen as a page of its own; its form is sent to the page's own address."""
    context = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "title": _("Colonnes de « %(name)s »") % {"name": received.name},
        "received": received,
        "form": form,
        "why": why,
        "action": request.path,
    }
    status = 422 if form.is_bound and form.errors and "again" not in request.POST else 200
    return TemplateResponse(request, "backoffice/import_columns.html", context, status=status)
