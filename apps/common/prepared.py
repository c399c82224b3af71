"""Querysets of the busiest pages, compiled to SQL once.

Compiling the queryset is most of what a small query costs in Django, and gives the same SQL for every request. A
Prepared compiles it once for each shape (language, number of ids) and then runs it with other values.
"""

from collections.abc import Callable, Hashable
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

from apps.common import replicas

Value = int | str | UUID | tuple[int, ...] | tuple[str, ...]
Rows = tuple[tuple[Any, ...], ...]
# Placeholders for values while the SQL is compiled: no constant of a queryset is equal to one, and each fits into every
# column of whole numbers but the small ones.
_NUMBER = 2**31 - 1_000_000
_TEXT = "\x00prepared:"
MOST_PLANS = 500
"""Of one Prepared: filters that visitors choose are shapes too. Some 20 kB each."""


def prefetched(instance: Model, **related: list[Any]) -> None:
    """Keep rows that were read by a Prepared as `prefetch_related` keeps its own: `order.lines.all()` asks no more."""
    prefetched = instance.__dict__.setdefault("_prefetched_objects_cache", {})
    for name, rows in related.items():
        manager = getattr(instance, name)
        for row in rows:
            manager.field.set_cached_value(row, instance)
        prefetched[name] = manager.get_queryset()
        prefetched[name]._result_cache = rows


class _Plan(NamedTuple):
    compiler: SQLCompiler
    sql: str
    parameters: list[tuple[bool, Any]]
    """(True, index of a value) or (False, a constant)."""
    converters: dict[int, Any]
    app: str
    """Whose tables these are: they may be read from a replica."""


class Prepared:
    """`build(*shape, *values)` returns a queryset (`rows`: a `values_list`) that uses the values in lookups only."""

    def __init__(self, build: Callable[..., QuerySet]) -> None:
        self._build = build
        self._plans: dict[Hashable, _Plan] = {}

    def rows(self, *values: Value, shape: tuple[Hashable, ...] = ()) -> list[tuple[Any, ...]]:
        """Rows for these values: whole numbers, texts, UUIDs, or a tuple of distinct keys or texts."""
        return self.converted(self.raw_rows(*values, shape=shape), *values, shape=shape)

    def raw_rows(self, *values: Value, shape: tuple[Hashable, ...] = ()) -> Rows:
        """Rows as the database's driver gives them: for comparison, and for `converted`."""
        plan = self._plan_for(shape, values)
        flat: list[Any] = []
        for value in values:
            flat.extend(value if isinstance(value, tuple) else (value.hex if isinstance(value, UUID) else value,))
        parameters = [flat[given] if is_value else given for is_value, given in plan.parameters]
        if plan.compiler.query.select_for_update and not connection.in_atomic_block:
            # Django asks this while it compiles, which happens once here.
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        with replicas.connection_for(plan.app).cursor() as cursor:
            cursor.execute(plan.sql, parameters)
            return tuple(cursor.fetchall())

    def converted(self, rows: Rows, *values: Value, shape: tuple[Hashable, ...] = ()) -> list[tuple[Any, ...]]:
        """What `raw_rows` read for the same values, in Python's types."""
        plan = self._plan_for(shape, values)
        if not plan.converters:
            return list(rows)
        return [tuple(row) for row in plan.compiler.apply_converters(rows, plan.converters)]

    def instances(self, *values: Value, shape: tuple[Hashable, ...] = ()) -> list[Any]:
        """Instances with what the queryset selects, defers and annotates, but without its prefetches."""
        plan = self._plan_for(shape, values)
        compiler = plan.compiler
        ready = SimpleNamespace(
            select=compiler.select,
            klass_info=compiler.klass_info,
            annotation_col_map=compiler.annotation_col_map,
            execute_sql=lambda **_chunks: self.rows(*values, shape=shape),
            results_iter=lambda rows: rows,
        )
        query = SimpleNamespace(get_compiler=lambda using: ready)
        source: Any = SimpleNamespace(db=replicas.alias_for(plan.app), query=query, _known_related_objects={})
        return list(ModelIterable(source))

    def _plan_for(self, shape: tuple[Hashable, ...], values: tuple[Value, ...]) -> _Plan:
        key = (shape, tuple(len(value) if isinstance(value, tuple) else 0 for value in values))
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._plan(shape, values)
        return plan

    def _plan(self, shape: tuple[Hashable, ...], values: tuple[Value, ...]) -> _Plan:
        marks: list[Any] = []
        stand_ins: list[Any] = []
        for value in values:
            first = len(marks)
            if isinstance(value, tuple):
                marks += [_mark(each, first + place) for place, each in enumerate(value)]
                stand_ins.append(marks[first:])
            elif isinstance(value, UUID):
                # As MySQL and SQLite store it, which have no type for it.
                stand_ins.append(UUID(int=_NUMBER + first))
                marks.append(stand_ins[-1].hex)
            else:
                marks.append(_mark(value, first))
                stand_ins.append(marks[-1])
        compiler = self._build(*shape, *stand_ins).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        places = {mark: place for place, mark in enumerate(marks)}
        return _Plan(
            compiler,
            sql,
            [(True, places[each]) if each in places else (False, each) for each in parameters],
            converters,
            compiler.query.model._meta.app_label,
        )


def _mark(value: object, place: int) -> int | str:
    return f"{_TEXT}{place}" if isinstance(value, str) else _NUMBER + place
