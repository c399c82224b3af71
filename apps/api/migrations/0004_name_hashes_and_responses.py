import apps.common.fields
from django.db import migrations


class Migration(migrations.Migration):
    """In code alone: the tables and their columns keep their names."""

    dependencies = [('api', '0003_kept_answers')]

    operations = [
        migrations.AlterModelTable(name='keptanswer', table='api_keptanswer'),
        migrations.RenameModel(old_name='KeptAnswer', new_name='StoredResponse'),
        migrations.AlterField(
            model_name='storedresponse',
            name='digest',
            field=apps.common.fields.ExactCharField(db_column='digest', max_length=64),
        ),
        migrations.RenameField(
            model_name='storedresponse',
            old_name='digest',
            new_name='request_hash',
        ),
        migrations.AlterField(
            model_name='apikey',
            name='digest',
            field=apps.common.fields.ExactCharField(db_column='digest', editable=False, max_length=64, unique=True),
        ),
        migrations.RenameField(
            model_name='apikey',
            old_name='digest',
            new_name='secret_hash',
        ),
    ]
