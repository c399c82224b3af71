from django.db import migrations, models
from django.db.models import F


def count_as_told(apps, schema_editor):
    """Refusals of before are seen in the list: nobody is written to about campaigns that are long over."""
    rows = apps.get_model("catalogue", "PlannedReduction").objects.using(schema_editor.connection.alias)
    rows.filter(state="REFUSED", told_at=None).update(told_at=F("ends_at"))


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0013_compare_exactly")]

    operations = [
        migrations.AddField(
            model_name="plannedreduction",
            name="stopped_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="arrêtée le"),
        ),
        migrations.AddField(
            model_name="plannedreduction",
            name="told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(count_as_told, migrations.RunPython.noop),
    ]
