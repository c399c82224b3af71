"""The full-text index that each database has: FULLTEXT on MySQL, an FTS5 table kept by triggers on SQLite."""

from django.db import migrations

MYSQL = [
    (
        "CREATE FULLTEXT INDEX search_name ON catalogue_searchdocument (name)",
        "DROP INDEX search_name ON catalogue_searchdocument",
    ),
    (
        "CREATE FULLTEXT INDEX search_everything ON catalogue_searchdocument (name, body)",
        "DROP INDEX search_everything ON catalogue_searchdocument",
    ),
]
SQLITE = [
    (
        "CREATE VIRTUAL TABLE catalogue_searchindex USING fts5("
        "name, body, content='catalogue_searchdocument', content_rowid='product_id', "
        "tokenize=\"unicode61 tokenchars '_'\")",
        "DROP TABLE catalogue_searchindex",
    ),
    (
        "CREATE TRIGGER catalogue_searchindex_insert AFTER INSERT ON catalogue_searchdocument BEGIN "
        "INSERT INTO catalogue_searchindex (rowid, name, body) VALUES (new.product_id, new.name, new.body); END",
        "DROP TRIGGER catalogue_searchindex_insert",
    ),
    (
        "CREATE TRIGGER catalogue_searchindex_delete AFTER DELETE ON catalogue_searchdocument BEGIN "
        "INSERT INTO catalogue_searchindex (catalogue_searchindex, rowid, name, body) "
        "VALUES ('delete', old.product_id, old.name, old.body); END",
        "DROP TRIGGER catalogue_searchindex_delete",
    ),
    (
        "CREATE TRIGGER catalogue_searchindex_update AFTER UPDATE ON catalogue_searchdocument "
        "WHEN old.name <> new.name OR old.body <> new.body OR old.product_id <> new.product_id BEGIN "
        "INSERT INTO catalogue_searchindex (catalogue_searchindex, rowid, name, body) "
        "VALUES ('delete', old.product_id, old.name, old.body); "
        "INSERT INTO catalogue_searchindex (rowid, name, body) VALUES (new.product_id, new.name, new.body); END",
        "DROP TRIGGER catalogue_searchindex_update",
    ),
]


def create(apps, schema_editor):
    for statement, _ in MYSQL if schema_editor.connection.vendor == "mysql" else SQLITE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for _, statement in reversed(MYSQL if schema_editor.connection.vendor == "mysql" else SQLITE):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_listing_and_search")]

    # MySQL commits at every change of the schema anyway.
    atomic = False
    operations = [migrations.RunPython(create, drop, atomic=False)]
