import apps.common.fields
from django.db import migrations, models


def _resize(length):
    """One statement, so that no release meets a table without its generated column. SQLite looks at no length."""

    def run(apps, schema_editor):
        if schema_editor.connection.vendor != "mysql":
            return
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name, collation_name FROM information_schema.columns WHERE table_schema = DATABASE() "
                "AND table_name = 'comments_comment' AND column_name IN ('section_id', 'thread_section')"
            )
            collation = dict(cursor.fetchall())
        schema_editor.execute(
            "ALTER TABLE comments_comment "
            f"MODIFY section_id varchar({length}) COLLATE {collation['section_id']} NOT NULL, "
            f"MODIFY thread_section varchar({length}) COLLATE {collation['thread_section']} "
            "GENERATED ALWAYS AS (CASE WHEN parent_id IS NULL THEN section_id ELSE NULL END) STORED"
        )

    return run


class Migration(migrations.Migration):
    dependencies = [("comments", "0005_compare_exactly")]

    operations = [
        migrations.RunPython(_resize(512), _resize(120), atomic=False),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="comment",
                    name="section_id",
                    field=apps.common.fields.ExactCharField(max_length=512, verbose_name="section"),
                ),
                migrations.AlterField(
                    model_name="comment",
                    name="thread_section",
                    field=models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(models.When(parent__isnull=True, then=models.F("section_id"))),
                        output_field=apps.common.fields.ExactCharField(max_length=512, null=True),
                    ),
                ),
            ],
        )
    ]
