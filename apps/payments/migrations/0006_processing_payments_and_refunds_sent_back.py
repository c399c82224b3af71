"""A payment that a bank executes for days is open too, and a refund may come back after it was done."""

from django.db import migrations, models
from django.db.models import Case, F, When


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0008_emails_in_the_outbox"),
        ("payments", "0005_hand_over_the_demo_bank"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="payment", name="payment_one_open_per_order"),
        migrations.AddField(
            model_name="refund",
            name="sent_back_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="renvoyé par la banque le"),
        ),
        migrations.AddField(
            model_name="refund",
            name="remade_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="refait autrement le"),
        ),
        migrations.AlterField(
            model_name="payment",
            name="status",
            field=models.CharField(
                choices=[
                    ("PENDING", "en attente"),
                    ("CHALLENGED", "authentification demandée"),
                    ("PROCESSING", "en cours à la banque"),
                    ("AUTHORISED", "autorisé"),
                    ("CAPTURED", "encaissé"),
                    ("DECLINED", "refusé"),
                    ("CANCELLED", "annulé"),
                ],
                default="PENDING",
                max_length=12,
                verbose_name="état",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                Case(When(status__in=["PENDING", "CHALLENGED", "PROCESSING", "AUTHORISED"], then=F("order"))),
                name="payment_one_open_per_order",
            ),
        ),
    ]
