"""Synonyms, and the English order of names. Search documents are written anew by `renew_search`, which a release runs
after its migrations: the release before reads and writes them on meanwhile."""

from django.db import migrations, models


def add_column(apps, schema_editor):
    """Not AddField: on SQLite it makes the table anew, and the triggers that fill the full-text index are gone."""
    schema_editor.execute("ALTER TABLE catalogue_searchdocument ADD COLUMN name_key_en varchar(40) DEFAULT '' NOT NULL")


def drop_column(apps, schema_editor):
    schema_editor.execute("ALTER TABLE catalogue_searchdocument DROP COLUMN name_key_en")


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0017_french_column_names")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_column, drop_column)],
            state_operations=[
                migrations.AddField(
                    model_name="searchdocument",
                    name="name_key_en",
                    field=models.CharField(db_default="", max_length=40),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SearchSynonym",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "français"), ("en", "anglais")],
                        default="fr",
                        max_length=2,
                        verbose_name="langue",
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[
                            ("BOTH", "Ces mots veulent dire la même chose"),
                            ("ONE_WAY", "Les premiers trouvent aussi les seconds"),
                        ],
                        default="BOTH",
                        max_length=10,
                        verbose_name="sens",
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        help_text="Séparés par des virgules, chacun de quatre mots au plus : « soda, limonade ».",
                        max_length=300,
                        verbose_name="mots",
                    ),
                ),
                (
                    "found",
                    models.CharField(
                        blank=True,
                        help_text=(
                            "Pour le second sens seulement : qui cherche « apéro » trouve aussi « olives, tapenade »."
                        ),
                        max_length=300,
                        verbose_name="trouvent aussi",
                    ),
                ),
            ],
            options={
                "verbose_name": "synonyme de recherche",
                "verbose_name_plural": "synonymes de recherche",
                "ordering": ["language", "words"],
            },
        ),
    ]
