import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import UniqueConstraint
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.backoffice.edits import snapshot
from apps.backoffice.edits.forms import ComparedForm, Conflict
from apps.backoffice.edits.values import EMPTY_LABEL

ROW_DELETED = _(
    "Quelqu’un a supprimé cette ligne pendant que vous la modifiiez : %(row)s. Ajoutez-la de nouveau s’il faut la "
    "garder, ou enregistrez sans elle."
)


class GuardedFormSet(forms.BaseModelFormSet):
    """Matches submitted rows by primary key, whatever others have added, moved or deleted meanwhile.

    The management form carries the snapshot of all rows. Within a transaction the rows are locked.
    """

    vanished: tuple[str, ...] = ()
    """Rows that the page held and that are no more, as far as a person would name them."""
    lost: tuple[str, ...] = ()
    """Those of them in which this person has typed something."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            sealed = self.data.get(self._snapshot_name)
            self._is_page = sealed is not None
            self._seen = snapshot.unseal(sealed, what=self._what()) or {}
            self._take_submitted_rows()

    @property
    def _pk_name(self) -> str:
        return self.model._meta.pk.name

    @property
    def _snapshot_name(self) -> str:
        return f"{self.prefix}-{snapshot.NAME}"

    def _what(self) -> str:
        owner = getattr(self, "instance", None)
        return f"{self.model._meta.label}:{self.prefix}:{owner.pk if owner else ''}"

    def _take_submitted_rows(self) -> None:
        """Takes the rows that the page names: another's new row or order does not shift them."""
        to_python = self.model._meta.pk.to_python
        count = self._submitted_count(INITIAL_FORM_COUNT)
        pks: list[Any] = []
        for index in range(count):
            try:
                pks.append(to_python(self.data.get(f"{self.prefix}-{index}-{self._pk_name}") or None))
            except ValidationError:
                pks.append(None)
        found = self.queryset.filter(pk__in=[pk for pk in pks if pk is not None])
        connection = connections[found.db]
        if connection.in_atomic_block and connection.features.has_select_for_update:
            found = found.order_by("pk").select_for_update(
                of=("self",) if connection.features.has_select_for_update_of else ()
            )
        rows = {row.pk: row for row in found}
        # Each row once, though a page named it twice.
        self._queryset = [rows.pop(pk) if pk in rows else None for pk in pks]
        gone = [index for index, row in enumerate(self._queryset) if row is None]
        self._queryset = [row for row in self._queryset if row is not None]
        if gone:
            self.vanished = tuple(self._describe(index) for index in gone)
            self.lost = tuple(self._describe(index) for index in gone if self._was_typed_in(index, pks[index]))
            self.data, self.files = self._without(self.data, gone), self._without(self.files, gone)
            for name in (INITIAL_FORM_COUNT, TOTAL_FORM_COUNT):
                self.data[f"{self.prefix}-{name}"] = str(self._submitted_count(name) - len(gone))

    def _was_typed_in(self, index: int, pk: Any) -> bool:
        seen = self._seen.get(str(pk))
        if seen is None:
            return False
        form = self.form(
            data=self.data,
            files=self.files,
            auto_id=self.auto_id,
            prefix=self.add_prefix(index),
            empty_permitted=True,
            use_required_attribute=False,
            renderer=self.renderer,
            **self.get_form_kwargs(index),
        )
        if self.data.get(f"{form.prefix}-{DELETION_FIELD_NAME}"):
            return False
        return bool(form.changed_against(seen))

    def _should_delete_form(self, form: Any) -> bool:
        # Django looks for no errors in a row that is to be deleted.
        return not form.conflicts and bool(super()._should_delete_form(form))

    def clean(self) -> None:
        super().clean()
        self._refuse_doubles_of_other_rows()
        if self.lost:
            raise ValidationError(
                [
                    ValidationError(ROW_DELETED, code="row_deleted", params={"row": text or EMPTY_LABEL})
                    for text in self.lost
                ]
            )

    def _refuse_doubles_of_other_rows(self) -> None:
        """Uniqueness against rows of this record that the page does not contain: a colleague's new one, another page's.

        Django compares the rows of a page with each other, and no row with the database where the constraint names the
        record that they belong to.
        """
        owner = getattr(self, "fk", None)
        if owner is None or self.instance.pk is None:
            return
        here = [form.instance.pk for form in self.initial_forms]
        for constraint in self.model._meta.constraints:
            if not (isinstance(constraint, UniqueConstraint) and owner.name in constraint.fields):
                continue
            if constraint.condition is not None:
                continue
            names = [name for name in constraint.fields if name != owner.name]
            for form in self.forms:
                values = {name: getattr(form, "cleaned_data", {}).get(name) for name in names}
                if self._should_delete_form(form) or None in values.values() or not form.has_changed():
                    continue
                others = self.model._base_manager.filter(**{owner.name: self.instance}, **values).exclude(pk__in=here)
                if others.exists():
                    form.add_error(
                        names[0] if names[0] in form.fields else None,
                        form.instance.unique_error_message(self.model, constraint.fields),
                    )

    def _submitted_count(self, name: str) -> int:
        text = self.data.get(f"{self.prefix}-{name}", "")
        return min(int(text), self.absolute_max) if text.isascii() and text.isdigit() and len(text) < 9 else 0

    def _describe(self, index: int) -> str:
        """The typed values of a deleted row, so that the person sees them."""
        start = f"{self.prefix}-{index}-"
        hidden = {self._pk_name, *([self.fk.name] if hasattr(self, "fk") else [])}
        texts = [
            value
            for name in self.form.base_fields
            if name not in hidden and (value := self.data.get(f"{start}{name}")) and value != "on"
        ]
        return ", ".join(texts)

    def _without(self, data: Any, gone: list[int]) -> Any:
        """The same data without one row; later rows move up."""
        pattern = re.compile(rf"((?:initial-)?{re.escape(self.prefix)}-)(\d+)(-.*)", re.DOTALL)
        moved = data.copy()
        moved.clear()
        for name in data:
            values = data.getlist(name) if hasattr(data, "getlist") else [data[name]]
            match = pattern.fullmatch(name)
            if match:
                index = int(match[2])
                if index in gone:
                    continue
                name = f"{match[1]}{index - sum(1 for each in gone if each < index)}{match[3]}"
            if hasattr(moved, "setlist"):
                moved.setlist(name, values)
            else:
                moved[name] = values[0]
        return moved

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form: ComparedForm = super()._construct_form(i, **kwargs)
        if self.is_bound and not form.instance._state.adding:
            form.seen_values, form.is_page = self._seen.get(str(form.instance.pk)), self._is_page
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        field = form.fields.get(self._pk_name)
        if self.is_bound and isinstance(field, forms.ModelChoiceField) and not form.instance._state.adding:
            # The row is here: asking for it again would be a query for each.
            field.to_python = lambda value: form.instance  # type: ignore[method-assign]
        for each in form.fields.values():
            # The headings of a table label nothing.
            if each.label and not each.widget.is_hidden:
                each.widget.attrs.setdefault("aria-label", each.label)

    @cached_property
    def management_form(self) -> Any:
        form = super().management_form
        form.fields[snapshot.NAME] = snapshot.SnapshotField(initial=self.sealed_now)
        return form

    def sealed_now(self) -> str:
        rows = {str(form.instance.pk): form.values_now() for form in self.initial_forms}
        return snapshot.seal(rows, what=self._what())

    def renew_snapshot(self) -> None:
        self.data = self.data.copy()
        self.data[self._snapshot_name] = self.sealed_now()
        self.management_form.data = self.data

    @property
    def conflicts(self) -> list[Conflict]:
        if not self.is_bound:
            return []
        return [conflict for form in self.initial_forms for conflict in form.conflicts]
