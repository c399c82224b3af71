"""Takes over the books of the bank from `payments`, whose migrations made their tables: none is made or renamed here."""

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import apps.common.fields
import apps.common.money

MODELS = ["democharge", "demorefund"]


def _rename(before, after):
    """Of the content types, which rights are tied to. Where the other app has its own already, nothing is moved."""

    def run(apps, schema_editor):
        types = apps.get_model("contenttypes", "ContentType").objects.using(schema_editor.connection.alias)
        for model in MODELS:
            if not types.filter(app_label=after, model=model).exists():
                types.filter(app_label=before, model=model).update(app_label=after)

    return run


def _amount(**options):
    return apps.common.money.MoneyField(
        decimal_places=2,
        max_digits=10,
        validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("payments", "0005_hand_over_the_demo_bank"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="DemoCharge",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("key", apps.common.fields.ExactCharField(max_length=64, unique=True)),
                        ("reference", apps.common.fields.ExactCharField(max_length=40, unique=True)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("CHALLENGED", "Challenged"),
                                    ("AUTHORISED", "Authorised"),
                                    ("CAPTURED", "Captured"),
                                    ("DECLINED", "Declined"),
                                    ("CANCELLED", "Cancelled"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("amount", _amount()),
                        ("refunded", _amount(default=Decimal("0.00"))),
                        ("decline_reason", models.CharField(blank=True, max_length=200)),
                        ("return_url", models.CharField(blank=True, max_length=500)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "db_table": "payments_democharge",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("refunded__lte", models.F("amount"))),
                                name="demo_charge_refunded_lte_amount",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DemoRefund",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("key", apps.common.fields.ExactCharField(max_length=64, unique=True)),
                        ("amount", _amount()),
                        (
                            "charge",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="refunds",
                                to="demo.democharge",
                            ),
                        ),
                    ],
                    options={"db_table": "payments_demorefund"},
                ),
            ]
        ),
        migrations.RunPython(_rename("payments", "demo"), _rename("demo", "payments")),
    ]
