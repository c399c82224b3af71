import apps.common.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """In code alone: the table and the columns keep their names."""

    dependencies = [('prospects', '0009_compare_exactly')]

    operations = [
        migrations.AlterModelTable(name='letter', table='prospects_letter'),
        migrations.RenameModel(old_name='Letter', new_name='FormerTeamEmail'),
        migrations.AlterField(
            model_name='merge',
            name='kept',
            field=models.ForeignKey(db_column='kept_id', on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='prospects.prospect'),
        ),
        migrations.RenameField(
            model_name='merge',
            old_name='kept',
            new_name='survivor',
        ),
        migrations.AlterField(
            model_name='prospect',
            name='request_digest',
            field=apps.common.fields.ExactCharField(blank=True, db_column='request_digest', editable=False, max_length=64),
        ),
        migrations.RenameField(
            model_name='prospect',
            old_name='request_digest',
            new_name='request_hash',
        ),
    ]
