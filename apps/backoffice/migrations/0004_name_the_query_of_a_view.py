import apps.common.fields
from django.db import migrations


class Migration(migrations.Migration):
    """In code alone: the column keeps its name."""

    dependencies = [('backoffice', '0003_compare_exactly')]

    operations = [
        migrations.AlterField(
            model_name='savedview',
            name='address',
            field=apps.common.fields.ExactCharField(blank=True, db_column='address', max_length=500, verbose_name='filtres'),
        ),
        migrations.RenameField(
            model_name='savedview',
            old_name='address',
            new_name='query',
        ),
    ]
