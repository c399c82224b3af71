import apps.common.fields
from django.db import migrations


class Migration(migrations.Migration):
    """In code alone: the column keeps its name."""

    dependencies = [('common', '0004_outbox')]

    operations = [
        migrations.AlterField(
            model_name='usedtoken',
            name='digest',
            field=apps.common.fields.ExactCharField(db_column='digest', max_length=64, primary_key=True, serialize=False),
        ),
        migrations.RenameField(
            model_name='usedtoken',
            old_name='digest',
            new_name='token_hash',
        ),
    ]
