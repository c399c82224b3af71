from django.db import migrations
from django.db.models import F


def begin_at_creation(apps, schema_editor):
    """What is known of cards from before: they were created by a contact."""
    apps.get_model("prospects", "Prospect").objects.update(last_contact_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("prospects", "0003_follow_up")]

    operations = [migrations.RunPython(begin_at_creation, migrations.RunPython.noop)]
