"""Sales of before have documents of another system: a shop that has sold already begins with its next payment."""

from django.db import migrations
from django.utils import timezone


def begin_now(apps, schema_editor):
    if apps.get_model("orders", "Order").objects.exclude(paid_at=None).exists():
        apps.get_model("invoicing", "Chain").objects.get_or_create(pk=1, defaults={"starts_at": timezone.now()})


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0001_initial"), ("orders", "0008_emails_in_the_outbox")]

    operations = [migrations.RunPython(begin_now, migrations.RunPython.noop)]
