"""What a database is made of, in a form in which two that were made in different ways can be compared.

Keys and constraints stand by name; quotes and spaces that depend on how a statement was written are gone. On MySQL
columns stand in their order. On SQLite they do not: a change of one makes the table anew, in an order of its own.
"""

import re
from typing import Any

SQLITE_CONSTRAINTS = ("constraint", "unique", "check", "foreign key", "primary key")


def schema(connection: Any) -> dict[str, list[str]]:
    """Table, index, trigger → its lines."""
    return _sqlite(connection) if connection.vendor == "sqlite" else _mysql(connection)


def rows(connection: Any) -> dict[str, list[str]]:
    """Table → its rows; content types and rights by what they are, for their numbers follow the order of models."""
    with connection.cursor() as cursor:
        names = set(connection.introspection.table_names(cursor)) - {
            "django_migrations",
            "django_content_type",
            "auth_permission",
        }
        found = {}
        for name in sorted(names):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")  # noqa: S608
            found[name] = sorted(str(row) for row in cursor.fetchall())
        cursor.execute(
            "SELECT app_label, model, codename, name FROM auth_permission"
            " RIGHT JOIN django_content_type ON content_type_id = django_content_type.id"
        )
        found["auth_permission"] = sorted(str(row) for row in cursor.fetchall())
    return {name: lines for name, lines in found.items() if lines}


def _sqlite(connection: Any) -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {f"{kind} {name}": _statement(kind, sql) for kind, name, sql in cursor.fetchall()}


def _statement(kind: str, sql: str) -> list[str]:
    sql = " ".join(sql.replace('"', "").split())
    # SQLite looks at no length, and no migration makes a table anew for one.
    sql = re.sub(r"varchar\(\d+\)", "varchar", sql)
    if kind != "table" or "VIRTUAL" in sql:
        return [sql]
    head, _opening, inside = sql.partition("(")
    parts = _at_commas(inside.rpartition(")")[0])
    constraints = [part for part in parts if part.lower().startswith(SQLITE_CONSTRAINTS)]
    return [head.strip(), *sorted(part for part in parts if part not in constraints), *sorted(constraints)]


def _at_commas(text: str) -> list[str]:
    """Parts between commas outside parentheses and quotes."""
    parts, depth, quoted = [""], 0, False
    for sign in text:
        quoted ^= sign == "'"
        depth += 0 if quoted else (sign == "(") - (sign == ")")
        if sign == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _mysql(connection: Any) -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        found = {}
        for (name,) in cursor.fetchall():
            cursor.execute(f"SHOW CREATE TABLE `{name}`")
            lines = [line.strip().rstrip(",") for line in cursor.fetchone()[1].splitlines()]
            columns = [line for line in lines if line.startswith("`")]
            others = sorted(re.sub(r" AUTO_INCREMENT=\d+", "", line) for line in lines if not line.startswith("`"))
            found[f"table {name}"] = [*columns, *others]
        for kind in ("TRIGGERS", "ROUTINES", "VIEWS"):
            place = {"TRIGGERS": "TRIGGER", "ROUTINES": "ROUTINE", "VIEWS": "TABLE"}[kind]
            cursor.execute(f"SELECT COUNT(*) FROM information_schema.{kind} WHERE {place}_SCHEMA = DATABASE()")  # noqa: S608
            found[f"number of {kind.lower()}"] = [str(cursor.fetchone()[0])]
    return found
