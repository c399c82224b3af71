"""When a gateway was first asked for an attempt's money. Attempts open today count as asked: nobody can say otherwise."""

from django.db import migrations, models
from django.db.models import F


def open_attempts_were_asked(apps, schema_editor):
    Payment = apps.get_model("payments", "Payment")
    waiting = Payment.objects.using(schema_editor.connection.alias).filter(
        status__in=["PENDING", "CHALLENGED", "AUTHORISED"], started_at=None
    )
    waiting.update(started_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_compare_exactly")]

    operations = [
        migrations.AddField("payment", "started_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.RunPython(open_attempts_were_asked, migrations.RunPython.noop),
    ]
