"""Operations of migrations that bring many text columns of one table to another collation in one rebuild of it."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState
from django.db.models import Field, GeneratedField, Model

from apps.common.fields import EXACT_COLLATION


class AlterCollations(Operation):
    """Give fields of one model other classes whose columns differ by their collation alone (ExactCharField, …).

    One ALTER TABLE on MySQL, whatever the number of fields: a table of ten million rows is copied once. Nothing is done
    on SQLite, where AlterField would copy the table for the class's sake.
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
        for name, field in self.fields.items():
            state.alter_field(app_label, self.model_name.lower(), name, field, preserve_default=True)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            _modify(schema_editor, model, list(self.fields))

    database_backwards = database_forwards

    def describe(self) -> str:
        return f"Compare {', '.join(self.fields)} of {self.model_name} in another way"


class CompareExactly(Operation):
    """Give text columns of another package's table the exact collation on MySQL; its models know nothing of it.

    `text_columns` and its test say so when a later migration of that package takes the collation away again.
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


def _modify(
    schema_editor: BaseDatabaseSchemaEditor, model: type[Model], names: list[str], *, collation: str | None = None
) -> None:
    if schema_editor.connection.vendor != "mysql":
        return
    parts = [_definition(schema_editor, model._meta.get_field(name), collation) for name in names]
    table = schema_editor.quote_name(model._meta.db_table)
    schema_editor.execute(f"ALTER TABLE {table} {', '.join(f'MODIFY {part}' for part in parts)}")


def _definition(schema_editor: Any, field: Any, collation: str | None) -> str:
    """Everything that MODIFY would drop unless it is said again; keys and indexes stay by themselves."""
    parameters = field.db_parameters(schema_editor.connection)
    parts = [schema_editor.quote_name(field.column), parameters["type"]]
    if collation := collation or parameters.get("collation"):
        parts.append(f"COLLATE {collation}")
    if isinstance(field, GeneratedField):
        generated, params = schema_editor._column_generated_sql(field)
        parts.append(generated % tuple(schema_editor.quote_value(each) for each in params))
    parts.append("NULL" if field.null or isinstance(field, GeneratedField) else "NOT NULL")
    return " ".join(parts)
