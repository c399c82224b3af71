"""The screen on which a person says what each column of a merchant's file is."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from apps.catalogue.models import CatalogueImport, Product
from apps.catalogue.models.product import VatClass
from apps.common.errors import DomainError
from apps.common.letters import fold
from apps.common.tabular.choice import MOST_WORDS, column_keys
from apps.common.tabular.errors import Refusal
from apps.common.typed import TypedForm
from apps.imports.catalogue import values
from apps.imports.catalogue.columns import Column, guessed_reading
from apps.imports.catalogue.labels import ROLES
from apps.imports.catalogue.reading import InvalidReading, Key, Missing, New, Reading, Role
from apps.imports.services import mappings

_KEYS = [
    (Key.SKU, _("la référence du modèle")),
    (Key.EAN, _("le code-barres (EAN)")),
    (Key.SUPPLIER, _("la référence du fournisseur, vue dans un fichier précédent")),
    (Key.CODE, _("le code du produit")),
]
_NEW = [
    (New.DRAFT, _("les créer en brouillon, à relire")),
    (New.PUBLISHED, _("les créer et les mettre en vente")),
    (New.SKIP, _("ne pas les créer : seuls les produits connus sont mis à jour")),
]
_MISSING = [
    (Missing.LEAVE, _("n’y pas toucher")),
    (Missing.DRAFT, _("les retirer de la vente (brouillon)")),
    (Missing.ZERO, _("mettre leur stock à 0")),
]
_UNITS = [("", _("écrite dans chaque cellule")), ("g", _("grammes")), ("kg", _("kilogrammes"))]
_LEVELS = [
    (">", _("« > » : Épicerie > Miels")),
    ("/", _("« / » : Épicerie/Miels")),
    ("|", _("« | » : Épicerie|Miels")),
    (".", _("« . » : Épicerie.Miels")),
    (",", _("« , » : Épicerie,Miels")),
    ("", _("aucun : la cellule est un seul nom")),
]
_LISTS = [("", _("un seul rayon par cellule")), (",", _("« , »")), (";", _("« ; »")), ("|", _("« | »"))]
_STATES = [
    (Product.State.PUBLISHED, _("en vente")),
    (Product.State.DRAFT, _("brouillon")),
    (Product.State.ARCHIVED, _("archivé")),
]


class ColumnsForm(TypedForm, forms.Form):
    """One choice for each column, then what is asked beside them. `reading` is what was chosen, once valid."""

    asks_more = True

    supplier = forms.CharField(
        label=_("Fournisseur ou origine du fichier"),
        max_length=80,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Vos choix sont retenus sous ce nom et proposés pour son prochain fichier."),
    )
    key = forms.ChoiceField(label=_("Un produit se retrouve par"), choices=_KEYS, widget=UnfoldAdminSelectWidget)
    new = forms.ChoiceField(label=_("Produits que la boutique n’a pas"), choices=_NEW, widget=UnfoldAdminSelectWidget)
    missing = forms.ChoiceField(
        label=_("Produits de ce fournisseur absents du fichier"),
        choices=_MISSING,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Ce sont ceux que ses fichiers précédents nommaient."),
    )
    weight_unit = forms.ChoiceField(
        label=_("Unité du poids"), choices=_UNITS, required=False, widget=UnfoldAdminSelectWidget
    )
    levels = forms.ChoiceField(
        label=_("Signe entre les niveaux d’un rayon"), choices=_LEVELS, required=False, widget=UnfoldAdminSelectWidget
    )
    lists = forms.ChoiceField(
        label=_("Signe entre plusieurs rayons"), choices=_LISTS, required=False, widget=UnfoldAdminSelectWidget
    )
    charges_sale_price = forms.BooleanField(
        label=_("Vendre au prix promotionnel quand il est rempli"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("Comme prix courant, sans prix barré : une réduction annoncée se prévoit à part."),
    )
    has_header = forms.BooleanField(
        label=_("La première ligne donne les noms des colonnes"), required=False, widget=UnfoldBooleanWidget
    )

    def __init__(self, received: CatalogueImport, data: Mapping[str, Any] | None = None) -> None:
        self.received = received
        self.header: list[str] = received.report.get("header") or []
        self.surveyed = [Column(**column) for column in received.report.get("columns") or []]
        self.offered, begin = _beginning(received, self.header, self.surveyed)
        super().__init__(data, initial=_initial(begin), label_suffix="")
        keys = column_keys(self.header, has_header=begin.has_header)
        for at, column in enumerate(self.surveyed):
            self.fields[f"column-{at}"] = forms.ChoiceField(
                label=column.name or _("sans nom"),
                choices=list(ROLES.items()),
                required=False,
                initial=begin.columns.get(keys[at], Role.NONE),
                widget=UnfoldAdminSelectWidget,
            )
        self._add_words(begin)

    def _add_words(self, begin: Reading) -> None:
        """A question for each word of a column of states or of rules of taxes, where they are few."""
        for at, column in enumerate(self.surveyed):
            role = self.chosen(at)
            if role not in (Role.STATE, Role.TAX_RULE) or not column.words:
                continue
            for number, word in enumerate(column.words[:MOST_WORDS]):
                is_state = role == Role.STATE
                initial = begin.states.get(fold(word)) or _state_of(word) if is_state else begin.rates.get(word, "")
                self.fields[f"word-{at}-{number}"] = forms.ChoiceField(
                    label=_("« %(word)s » dans « %(column)s »") % {"word": word, "column": column.name},
                    choices=[("", _("à choisir")), *(_STATES if is_state else VatClass.choices)],
                    initial=initial,
                    widget=UnfoldAdminSelectWidget,
                    error_messages={"required": _("Dites ce que « %(word)s » veut dire.") % {"word": word}},
                )

    def chosen(self, at: int) -> str:
        field = self.fields[f"column-{at}"]
        return str(self.data.get(f"column-{at}", field.initial) if self.is_bound else field.initial)

    def columns(self) -> Iterator[dict[str, Any]]:
        """For the template: each column with its samples and its choice."""
        for at, column in enumerate(self.surveyed):
            yield {"column": column, "field": self[f"column-{at}"]}

    def words(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("word-")]

    def asked(self) -> list[forms.BoundField]:
        """What is asked of the whole file, in the order of the screen."""
        names = ("supplier", "key", "new", "missing", "weight_unit", "levels", "lists")
        return [self[name] for name in (*names, "charges_sale_price", "has_header")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        keys = column_keys(self.header, has_header=given["has_header"])
        reading = Reading(
            columns={key: Role(given[f"column-{at}"]) for at, key in enumerate(keys)},
            key=Key(given["key"]),
            new=New(given["new"]),
            missing=Missing(given["missing"]),
            has_header=given["has_header"],
            charges_sale_price=given["charges_sale_price"],
            weight_unit=given["weight_unit"],
            levels=given["levels"],
            lists=given["lists"],
            states=self._answers(given, Role.STATE),
            rates={word: VatClass(rate) for word, rate in self._answers(given, Role.TAX_RULE).items()},
            supplier=given["supplier"],
        )
        try:
            reading.check()
        except InvalidReading as error:
            self.add_error(None, error.message)
        self.reading = reading
        return given

    def _answers(self, given: Mapping[str, Any], role: Role) -> dict[str, str]:
        return {
            fold(word) if role == Role.STATE else word: given[name]
            for at, column in enumerate(self.surveyed)
            if given[f"column-{at}"] == role
            for number, word in enumerate(column.words[:MOST_WORDS])
            if (name := f"word-{at}-{number}") in given
        }


def _beginning(received: CatalogueImport, header: list[str], surveyed: list[Column]) -> tuple[str, Reading]:
    """What the screen begins with: what was chosen for this file, or for the supplier's last one, or a guess."""
    if former := received.report.get("former"):
        try:
            return "", Reading.from_json(former)
        except DomainError:
            return "", guessed_reading(surveyed)
    if mapping := mappings.mapping_for(column_keys(header)):
        try:
            return mapping.name, Reading.from_json(mapping.reading)
        except DomainError:
            return "", guessed_reading(surveyed)
    return "", guessed_reading(surveyed)


def _initial(reading: Reading) -> dict[str, Any]:
    return {
        "supplier": reading.supplier,
        "key": reading.key,
        "new": reading.new,
        "missing": reading.missing,
        "weight_unit": reading.weight_unit,
        "levels": reading.levels,
        "lists": reading.lists,
        "charges_sale_price": reading.charges_sale_price,
        "has_header": reading.has_header,
    }


def _state_of(word: str) -> str:
    try:
        is_visible = values.truth(word)
    except Refusal:
        return ""
    return str(Product.State.PUBLISHED if is_visible else Product.State.DRAFT)
