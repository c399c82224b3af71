"""The books of the demonstration bank are `demo`'s. Their tables stay, under their names: demo 0001 takes them over
where the demonstration is installed, elsewhere they stay empty."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_payment_started_at")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel("DemoRefund"), migrations.DeleteModel("DemoCharge")]
        )
    ]
