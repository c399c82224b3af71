from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import model_to_dict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.backoffice.edits import snapshot
from apps.backoffice.edits.values import Plain, as_text, plain, typed

CHOICE = "choice-"
ASKED = "conflict-asked"
ALL = "conflict-all"
THEIRS, MINE, OPEN = "theirs", "mine", "open"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that somebody else changed since the page was opened; `is_mine`: this person changed it too."""

    field: str
    name: str
    anchor: str
    label: str
    row: str
    theirs: str
    mine: str
    is_mine: bool

    @property
    def choice_name(self) -> str:
        return f"{CHOICE}{self.name}"


class _Answers:
    """The choices submitted on the page of a refusal: per field, or by one button for all that was asked."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self.asked = set(data.getlist(ASKED) if hasattr(data, "getlist") else [data.get(ASKED)])

    def of(self, html_name: str) -> str:
        """Empty for a field that was not asked about."""
        if html_name not in self.asked:
            return ""
        choice = self.data.get(ALL) or self.data.get(f"{CHOICE}{html_name}")
        return choice if choice in (THEIRS, MINE) else OPEN


class ComparedForm(forms.BaseModelForm):
    """Compares each field with the present row before it is cleaned; forms of a formset get their snapshot from it.

    A field that takes the other's value is cleaned as a disabled one, whose value is the record's.
    """

    compared_with: Any = None
    """Another instance than the form's, when the form's is not the row of now (an earlier version put back)."""
    row_label = ""
    seen_values: dict[str, Plain] | None = None
    is_page = True
    """False for a program that sends fields and no snapshot at all: it writes what it says, like the API without a
    version. A page's snapshot that cannot be read is another matter: nothing is overwritten unasked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conflicts: list[Conflict] = []

    def now(self, name: str) -> Any:
        """The record's value in the database."""
        if self.compared_with is not None and name in self._columns_now:
            return self._columns_now[name]
        return self.get_initial_for_field(self.fields[name], name)

    @cached_property
    def _columns_now(self) -> dict[str, Any]:
        return model_to_dict(self.compared_with)

    def compared_fields(self) -> Iterator[tuple[str, forms.Field]]:
        for name, field in self.fields.items():
            if not (field.disabled or isinstance(field, snapshot.SnapshotField)) and name not in _MACHINERY:
                yield name, field

    def values_now(self) -> dict[str, Plain]:
        # What shows its initial value in the page carries it there.
        return {
            name: plain(field, self.now(name))
            for name, field in self.compared_fields()
            if not field.show_hidden_initial
        }

    def full_clean(self) -> None:
        taken: list[str] = []
        if self.is_bound and not self.instance._state.adding:
            self.conflicts, taken = self._compare()
        with _Taking(self, taken):
            super().full_clean()
            # Computed while they are disabled, and cached.
            self.__dict__.pop("changed_data", None)
            _ = self.changed_data
        if self.conflicts:
            self.add_error(None, ValidationError(CHANGED_MEANWHILE, code="changed_meanwhile"))
        self._renew_hidden_initials([*taken, *(conflict.field for conflict in self.conflicts)])

    def _post_clean(self) -> None:
        # Rows that nobody touched are not checked against the database again.
        if self.prefix and not self.instance._state.adding and not self.has_changed():
            return
        super()._post_clean()

    def _compare(self) -> tuple[list[Conflict], list[str]]:
        """The conflicts to report, and the fields that take the other's value."""
        conflicts, taken = [], []
        answers = _Answers(self.data)
        if self._is_deletion():
            return self._compare_deletion(answers)
        for name, field in self.compared_fields():
            bound = self[name]
            now = self.now(name)
            plain_now = plain(field, now)
            seen = self._seen(name, field)
            choice = answers.of(bound.html_name)
            if not (self.is_page or field.show_hidden_initial):
                continue
            if seen == plain_now and choice != OPEN:
                if choice == THEIRS:
                    taken.append(name)
                continue
            mine = _mine(bound, field, now)
            plain_mine = plain(field, mine)
            if plain_mine == plain_now:
                continue
            is_mine = choice == OPEN or plain_mine != seen
            if not is_mine:
                taken.append(name)
            # Numbers that orders and the clock change are taken silently, unless typed over.
            if is_mine or not field.show_hidden_initial:
                conflicts.append(
                    Conflict(
                        field=name,
                        name=bound.html_name,
                        anchor=bound.id_for_label or bound.auto_id,
                        label=str(field.label or bound.label),
                        row=self._row,
                        theirs=as_text(field, now),
                        mine=as_text(field, mine),
                        is_mine=is_mine,
                    )
                )
        return conflicts, taken

    @property
    def _row(self) -> str:
        return self.row_label or (str(self.instance) if self.prefix else "")

    def _is_deletion(self) -> bool:
        return DELETION_FIELD_NAME in self.fields and bool(self[DELETION_FIELD_NAME].data)

    def _compare_deletion(self, answers: _Answers) -> tuple[list[Conflict], list[str]]:
        """For a row that this person deletes: conflicts with what somebody else has written into it."""
        bound = self[DELETION_FIELD_NAME]
        fields = {name: field for name, field in self.compared_fields() if self.is_page or field.show_hidden_initial}
        choice = answers.of(bound.html_name)
        if choice == THEIRS:
            return [], [*fields, DELETION_FIELD_NAME]
        # Numbers that orders and the clock change are no colleague's change.
        moved = {
            name: field
            for name, field in fields.items()
            if not field.show_hidden_initial and self._seen(name, field) != plain(field, self.now(name))
        }
        if choice != OPEN and not moved:
            return [], []
        texts = [
            f"{field.label or self[name].label} : {as_text(field, self.now(name))}" for name, field in moved.items()
        ]
        conflict = Conflict(
            field=DELETION_FIELD_NAME,
            name=bound.html_name,
            anchor=bound.id_for_label or bound.auto_id,
            label=str(bound.label),
            row=self._row,
            theirs=", ".join([str(_("garder la ligne")), *texts]),
            mine=str(_("supprimer la ligne")),
            is_mine=True,
        )
        return [conflict], list(moved)

    def changed_against(self, seen: dict[str, Plain]) -> bool:
        """For a row that is deleted: whether anything in it was typed since the page displayed `seen`."""
        if self._is_deletion():
            return False
        for name, field in self.compared_fields():
            before = self._seen(name, field) if field.show_hidden_initial else seen.get(name)
            mine = _mine(self[name], field, None)
            if isinstance(field, forms.FileField) and not mine:
                continue
            if before is not None and plain(field, mine) != before:
                return True
        return False

    def _seen(self, name: str, field: forms.Field) -> Plain | None:
        if field.show_hidden_initial:
            hidden = field.hidden_widget()
            raw = hidden.value_from_datadict(self.data, self.files, self.add_initial_prefix(name))
            try:
                return plain(field, field.to_python(raw))
            except ValidationError:
                return None
        return None if self.seen_values is None else self.seen_values.get(name)

    def _renew_hidden_initials(self, names: list[str]) -> None:
        for name in names:
            field = self.fields[name]
            if field.show_hidden_initial:
                self.data = self.data.copy()
                self.data[self.add_initial_prefix(name)] = str(field.prepare_value(self.now(name)))


class GuardedForm(ComparedForm):
    """A change form with one field more: the snapshot of its values."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            return
        self.fields[snapshot.NAME] = snapshot.SnapshotField(initial=self.sealed_now)
        if self.is_bound:
            sealed = self.data.get(self.add_prefix(snapshot.NAME))
            self.is_page = sealed is not None
            self.seen_values = snapshot.unseal(sealed, what=self._what())

    def _what(self) -> str:
        return f"{self._meta.model._meta.label}:{self.instance.pk}"

    def sealed_now(self) -> str:
        return snapshot.seal(self.values_now(), what=self._what())

    def renew_snapshot(self) -> None:
        """After a refusal that showed the values of now."""
        self.data = self.data.copy()
        self.data[self.add_prefix(snapshot.NAME)] = self.sealed_now()


CHANGED_MEANWHILE = _("Quelqu’un a modifié cette page depuis que vous l’avez ouverte. Rien n’est encore enregistré.")
_MACHINERY = {"DELETE", "ORDER"}


class _Taking:
    """Disables the fields during cleaning alone; afterwards they display the record's values and can be edited."""

    def __init__(self, form: ComparedForm, names: list[str]) -> None:
        self.form, self.names = form, names

    def __enter__(self) -> None:
        for name in self.names:
            field = self.form.fields[name]
            if isinstance(field, forms.FileField):
                # Without an upload a file stays as it is; a disabled one would be read again.
                field.widget.value_from_datadict = lambda *args: None  # type: ignore[method-assign]
            else:
                self.form.initial[name] = self.form.now(name)
                self.form[name].__dict__.pop("initial", None)
                field.disabled = True

    def __exit__(self, *raised: object) -> None:
        for name in self.names:
            field = self.form.fields[name]
            field.disabled = False
            field.bound_data = lambda data, initial: initial  # type: ignore[method-assign]


def _mine(bound: forms.BoundField, field: forms.Field, now: Any) -> Any:
    if isinstance(field, forms.FileField):
        return bound.data or now
    return typed(field, bound.data, now)
