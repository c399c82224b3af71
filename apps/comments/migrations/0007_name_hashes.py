import apps.common.fields
from django.db import migrations


class Migration(migrations.Migration):
    """In code alone: the columns keep their names."""

    dependencies = [('comments', '0006_sections_of_512_characters')]

    operations = [
        migrations.AlterField(
            model_name='comment',
            name='request_digest',
            field=apps.common.fields.ExactCharField(blank=True, db_column='request_digest', editable=False, max_length=64),
        ),
        migrations.RenameField(
            model_name='comment',
            old_name='request_digest',
            new_name='request_hash',
        ),
        migrations.AlterField(
            model_name='reviewobjection',
            name='digest',
            field=apps.common.fields.ExactCharField(db_column='digest', max_length=64, primary_key=True, serialize=False),
        ),
        migrations.RenameField(
            model_name='reviewobjection',
            old_name='digest',
            new_name='email_hash',
        ),
    ]
