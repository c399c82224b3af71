"""How each text column is compared, and the decision about it.

The walk begins at the models, our own and those of other packages, so that no column is left out. A column that
identifies (unique, indexed, in a constraint, or named by a filter of ours) needs a decision; free text needs none.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader

from apps.common.fields import EXACT_COLLATION, CanonicalEmailField, Exact
from apps.common.schema import CompareExactly

_APPS = Path(__file__).resolve().parents[2]
# Calls whose keywords look rows up by columns.
_LOOKUPS = {"filter", "exclude", "get", "get_or_create", "update_or_create", "Q", "get_object_or_404", "When"}

# Looked up, or named like a looked-up column, and yet compared by MySQL's default collation: why that is harmless.
FOLDED = {
    "admin.LogEntry.object_id": "clé primaire écrite par l’admin, des chiffres",
    "aftersales.Withdrawal.name": "nom libre ; une rétractation se trouve par sa commande",
    "api.ApiKey.name": "nom libre ; une clé se trouve par son empreinte",
    "auth.Permission.codename": "noms qu’écrit le code, en minuscules ASCII",
    "auth.Permission.name": "intitulé ; une permission se trouve par codename",
    "axes.AccessFailureLog.user_agent": "journal ; les essais se comptent par compte et adresse",
    "axes.AccessLog.user_agent": "journal ; les essais se comptent par compte et adresse",
    "catalogue.CatalogueImport.name": "nom du fichier reçu, montré seulement",
    "catalogue.Category.path": "alphabet de treebeard, 0-9 et A-Z",
    "catalogue.SearchDocument.name": "texte plié d’avance, pour la recherche",
    "contenttypes.ContentType.app_label": "noms qu’écrit le code, en minuscules ASCII",
    "contenttypes.ContentType.model": "noms qu’écrit le code, en minuscules ASCII",
    "delivery.PickupPoint.name": "nom libre ; un point relais se trouve par son code",
    "imports.HistoryImport.name": "nom du fichier reçu, montré seulement",
    "imports.ImportedProduct.name": "nom montré dans l’aperçu ; cherché, jamais comparé",
    "orders.PastOrder.name": "nom libre ; une commande antérieure se trouve par boutique et numéro, ou par e-mail",
    "prospects.Attachment.name": "nom du fichier reçu, montré seulement",
    "shop.HistoricalShop.host": "texte libre ; il n’y a qu’une boutique",
    "shop.HistoricalShop.name": "texte libre ; il n’y a qu’une boutique",
    "shop.Shop.host": "texte libre ; il n’y a qu’une boutique",
    "shop.Shop.name": "texte libre ; il n’y a qu’une boutique",
    "prospects.ProspectImport.name": "nom du fichier reçu, montré seulement",
}
# The same for each column of such a name that is neither unique nor indexed.
FOLDED_NAMES = {
    "accepted_reason": "texte libre ; on demande seulement s’il est vide",
    "company": "texte libre ; cherché, jamais comparé",
    "content_type": "type de média, noté seulement",
    "error": "texte libre ; on demande seulement s’il est vide",
    "first_name": "texte libre ; cherché, jamais comparé",
    "language": "« fr » ou « en », écrits par le code",
    "last_name": "texte libre ; cherché, jamais comparé",
    "message": "texte libre ; cherché, jamais comparé",
    "next_action": "texte libre ; on demande seulement s’il est vide",
    "phone": "texte libre ; cherché, et comparé par phone_key",
    "reason": "texte libre, ou l’un des motifs qu’écrit le code, en majuscules ASCII",
    "result": "écrit par Celery, montré seulement",
    "text": "texte libre ; on demande seulement s’il est vide",
}


class Comparison(StrEnum):
    EXACT = "exacte"
    EMAIL = "exacte, forme canonique"
    CLOSED = "liste fermée"
    FOLDED = "pliée, sans danger"
    FREE = "texte libre"
    UNDECIDED = "NON DÉCIDÉE"


@dataclass(frozen=True)
class TextColumn:
    label: str
    table: str
    column: str
    used: str
    """Why it would need a decision: « unique », « index », « filtre »; empty for free text."""
    comparison: Comparison
    why: str
    collation: str
    """In the database; empty on SQLite, which compares code points."""

    @property
    def is_wrong(self) -> bool:
        """Undecided, or decided otherwise than the database compares."""
        exact = self.comparison in (Comparison.EXACT, Comparison.EMAIL)
        return self.comparison is Comparison.UNDECIDED or (
            exact and bool(self.collation) and self.collation != EXACT_COLLATION
        )


def walk() -> list[TextColumn]:
    """Every text column of every table that a model stands for. On MySQL two queries, whatever their number."""
    collations, indexed, altered = _collations(), _indexed(), _altered()
    found = []
    for model in sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label):
        if not model._meta.managed or model._meta.proxy:
            continue
        used = _used(model)
        fields: list[Any] = list(model._meta.local_concrete_fields)
        for field in fields:
            if not _is_text(field):
                continue
            label, place = f"{model._meta.label}.{field.name}", (model._meta.db_table, field.column)
            named = "filtre" if field.name in looked_up() else ""
            why_used = used.get(field.name) or indexed.get(place) or named
            comparison, why = _decision(label, field, why_used, exact=label in altered)
            found.append(TextColumn(label, *place, why_used, comparison, why, collations.get(place, "")))
    return found


def strangers() -> list[str]:
    """Undecided columns of a unique text index in tables without a model. MySQL only."""
    if connection.vendor != "mysql":
        return []
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.TABLE_NAME, c.COLUMN_NAME FROM information_schema.STATISTICS s JOIN information_schema.COLUMNS c"
            " USING (TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME)"
            " WHERE TABLE_SCHEMA = DATABASE() AND s.NON_UNIQUE = 0 AND c.COLLATION_NAME IS NOT NULL"
            " AND c.COLLATION_NAME <> %s",
            [EXACT_COLLATION],
        )
        return sorted(f"{table}.{column}" for table, column in cursor.fetchall() if table not in tables)


@cache
def looked_up() -> frozenset[str]:
    """Names of columns that some filter in our source compares with a value."""
    names: set[str] = set()
    for path in _APPS.rglob("*.py"):
        if {"tests", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in _LOOKUPS:
                    names.update(part for word in node.keywords if word.arg for part in word.arg.split("__"))
    return frozenset(names)


def _is_text(field: Any) -> bool:
    stored: Any = field.output_field if isinstance(field, models.GeneratedField) else field
    return isinstance(stored, models.CharField | models.TextField | models.FileField)


def _used(model: type[models.Model]) -> dict[str, str]:
    """Why fields need a decision, by the models."""
    fields: list[Any] = list(model._meta.local_concrete_fields)
    used = {field.name: "index" for field in fields if field.db_index}
    for index in model._meta.indexes:
        used |= dict.fromkeys((name.removeprefix("-") for name in index.fields), "index")
        used |= dict.fromkeys(_named(index.expressions), "index")
    for together in model._meta.unique_together:
        used |= dict.fromkeys(together, "unique")
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            used |= dict.fromkeys([*constraint.fields, *_named(constraint.expressions)], "unique")
    return used | {field.name: "unique" for field in fields if field.unique}


def _named(expressions: Iterable[Any]) -> Iterator[str]:
    for expression in expressions:
        for each in expression.flatten():
            if isinstance(each, models.F):
                yield each.name  # type: ignore[attr-defined]


def _indexed() -> dict[tuple[str, str], str]:
    """The same by the database: a migration may have created an index that no model names. MySQL only."""
    if connection.vendor != "mysql":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT TABLE_NAME, COLUMN_NAME, MIN(NON_UNIQUE) FROM information_schema.STATISTICS"
            " WHERE TABLE_SCHEMA = DATABASE() AND INDEX_TYPE <> 'FULLTEXT' AND COLUMN_NAME IS NOT NULL"
            " GROUP BY TABLE_NAME, COLUMN_NAME"
        )
        return {(table, column): "index" if repeats else "unique" for table, column, repeats in cursor.fetchall()}


def _decision(label: str, field: Any, used: str, *, exact: bool) -> tuple[Comparison, str]:
    stored: Any = field.output_field if isinstance(field, models.GeneratedField) else field
    if isinstance(stored, CanonicalEmailField) or label == "account.EmailAddress.email":
        return Comparison.EMAIL, ""
    if isinstance(stored, Exact) or exact:
        return Comparison.EXACT, ""
    if stored.choices:
        return Comparison.CLOSED, ""
    if label in FOLDED:
        return Comparison.FOLDED, FOLDED[label]
    if used in ("", "filtre") and field.name in FOLDED_NAMES:
        return Comparison.FOLDED, FOLDED_NAMES[field.name]
    return (Comparison.UNDECIDED if used else Comparison.FREE), ""


def _altered() -> set[str]:
    """Columns of other packages that a migration of ours gave the exact collation."""
    found = set()
    for migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.values():
        for operation in migration.operations:
            if isinstance(operation, CompareExactly):
                model = apps.get_model(operation.app_label, operation.model_name)
                found |= {f"{model._meta.label}.{name}" for name in operation.names}
    return found


def _collations() -> dict[tuple[str, str], str]:
    if connection.vendor != "mysql":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT TABLE_NAME, COLUMN_NAME, COLLATION_NAME FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME IS NOT NULL"
        )
        return {(table, column): collation for table, column, collation in cursor.fetchall()}
