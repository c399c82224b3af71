"""Migration operations: many tables at once, collations of columns, canonical form of e-mails."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState
from django.db.migrations.utils import field_is_referenced
from django.db.models import Field, GeneratedField, Model

from apps.common.email_addresses import canonical_email
from apps.common.fields import EXACT_COLLATION

BATCH = 2000


class CreateModels(Operation):
    """CreateModel for all models of an app in one step; a model stands after those that it refers to.

    Django makes the classes of all related models anew for each CreateModel, here once for all of them.
    """

    category = OperationCategory.ADDITION
    reduces_to_sql = True
    reversible = True
    serialization_expand_args = ["operations"]

    def __init__(self, operations: list[CreateModel]) -> None:
        self.operations = operations

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [self.operations], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # Made again, with the new models, when somebody reads it.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create models {', '.join(operation.name for operation in self.operations)}"


class AlterCollations(Operation):
    """Change fields of one model to classes whose columns differ by collation alone (ExactCharField, …).

    One ALTER TABLE on MySQL for all fields, so that a table of ten million rows is copied once. Does nothing on SQLite,
    where AlterField would copy the table without need.
    """

    category = OperationCategory.ALTERATION
    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, fields: dict[str, Field]) -> None:
        self.model_name = model_name
        self.fields = fields

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [self.model_name, self.fields], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # Not `alter_field` for each: it makes this model's class, and those that refer to it, anew each time.
        key = app_label, self.model_name.lower()
        state.models[key].fields.update(self.fields)
        is_referred_to = any(field_is_referenced(state, key, item) for item in self.fields.items())
        state.reload_model(*key, delay=not is_referred_to)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        before = from_state.apps.get_model(app_label, self.model_name)
        model = to_state.apps.get_model(app_label, self.model_name)
        for name in self.fields:
            if _shape(schema_editor, before, name) != _shape(schema_editor, model, name):
                raise ValueError(
                    f"{model._meta.label}.{name} changes by more than its collation: AlterField does that."
                )
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            _modify(schema_editor, model, list(self.fields))

    database_backwards = database_forwards

    def describe(self) -> str:
        return f"Compare {', '.join(self.fields)} of {self.model_name} in another way"


class CompareExactly(Operation):
    """Set the exact collation on text columns of another package's table on MySQL, without changing its models.

    The test of `text_columns` fails when a later migration of that package resets the collation.
    """

    category = OperationCategory.ALTERATION
    reduces_to_sql = True
    reversible = True

    def __init__(self, app_label: str, model_name: str, names: list[str]) -> None:
        self.app_label = app_label
        self.model_name = model_name
        self.names = names

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [self.app_label, self.model_name, self.names], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(self.app_label, self.model_name)
        _modify(schema_editor, model, self.names, collation=EXACT_COLLATION)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        _modify(schema_editor, to_state.apps.get_model(self.app_label, self.model_name), self.names)

    def describe(self) -> str:
        return f"Compare {', '.join(self.names)} of {self.app_label}.{self.model_name} exactly"


def _shape(schema_editor: BaseDatabaseSchemaEditor, model: type[Model], name: str) -> tuple[Any, ...]:
    field: Any = model._meta.get_field(name)
    stored: Any = field.output_field if isinstance(field, GeneratedField) else field
    return field.db_type(schema_editor.connection), stored.null, field.unique, field.db_index


def _modify(
    schema_editor: BaseDatabaseSchemaEditor, model: type[Model], names: list[str], *, collation: str | None = None
) -> None:
    if schema_editor.connection.vendor != "mysql":
        return
    parts = [_definition(schema_editor, model._meta.get_field(name), collation) for name in names]
    table = schema_editor.quote_name(model._meta.db_table)
    schema_editor.execute(f"ALTER TABLE {table} {', '.join(f'MODIFY {part}' for part in parts)}")


def _definition(schema_editor: Any, field: Any, collation: str | None) -> str:
    """The column's whole definition, which MODIFY requires; keys and indexes are not part of it."""
    parameters = field.db_parameters(schema_editor.connection)
    parts = [schema_editor.quote_name(field.column), parameters["type"]]
    if collation := collation or parameters.get("collation"):
        parts.append(f"COLLATE {collation}")
    if isinstance(field, GeneratedField):
        generated, params = schema_editor._column_generated_sql(field)
        parts.append(generated % tuple(schema_editor.quote_value(each) for each in params))
    if field.has_db_default():
        default, params = schema_editor.db_default_sql(field)
        parts.append(f"DEFAULT {default % tuple(schema_editor.quote_value(each) for each in params)}")
    parts.append("NULL" if field.null or isinstance(field, GeneratedField) else "NOT NULL")
    return " ".join(parts)


class CanonicalEmails(Operation):
    """Convert the rows of a CanonicalEmailField to canonical form (`bring_to_one_form`).

    Not for a unique column, where two spellings of one e-mail would collide.
    """

    category = OperationCategory.PYTHON
    reduces_to_sql = False
    reversible = True

    def __init__(self, model_name: str, name: str = "email", *, keys: Callable[[str], dict[str, str]] | None = None):
        """`keys`: canonical e-mail → values of other columns that are derived from it."""
        self.model_name = model_name
        self.name = name
        self.keys = keys

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [self.model_name, self.name], {"keys": self.keys} if self.keys else {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        bring_to_one_form(model, self.name, using=schema_editor.connection.alias, keys=self.keys)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        pass

    def describe(self) -> str:
        return f"Bring {self.name} of {self.model_name} to one form"


def bring_to_one_form(
    model: type[Model], name: str, *, using: str, keys: Callable[[str], dict[str, str]] | None = None
) -> tuple[int, list[Any]]:
    """Convert e-mails that an earlier release wrote to canonical form, in batches by primary key.

    Returns how many rows changed, and the primary keys of those that a unique column refused. A batch is one
    transaction; a second run skips what is done.
    """
    changed, refused = 0, []
    rows = model._base_manager.using(using).order_by("pk")
    batch = list(rows.values_list("pk", name)[:BATCH])
    while batch:
        with transaction.atomic(using=using):
            for pk, written in batch:
                email = canonical_email(written or "")
                if email == (written or ""):
                    continue
                try:
                    with transaction.atomic(using=using):
                        rows.filter(pk=pk).update(**{name: email}, **(keys(email) if keys else {}))
                    changed += 1
                except IntegrityError:
                    refused.append(pk)
        batch = list(rows.filter(pk__gt=batch[-1][0]).values_list("pk", name)[:BATCH])
    return changed, refused
