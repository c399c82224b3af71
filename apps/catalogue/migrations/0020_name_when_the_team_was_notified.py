from django.db import migrations, models


class Migration(migrations.Migration):
    """In code alone: the column keeps its name."""

    dependencies = [('catalogue', '0019_codes_of_filters')]

    operations = [
        migrations.AlterField(
            model_name='plannedreduction',
            name='told_at',
            field=models.DateTimeField(blank=True, db_column='told_at', editable=False, null=True),
        ),
        migrations.RenameField(
            model_name='plannedreduction',
            old_name='told_at',
            new_name='notified_at',
        ),
    ]
