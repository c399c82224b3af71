from django.db import migrations, models


class Migration(migrations.Migration):
    """Runs that wait for a worker, and runs that were refused."""

    dependencies = [("operations", "0003_compare_exactly")]

    operations = [
        migrations.AlterField(
            model_name="operationrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("QUEUED", "en attente"),
                    ("RUNNING", "en cours"),
                    ("SUCCEEDED", "réussie"),
                    ("FAILED", "échouée"),
                    ("OUT_OF_TIME", "arrêtée, trop longue"),
                    ("ABANDONED", "abandonnée"),
                    ("REFUSED", "refusée"),
                ],
                default="RUNNING",
                max_length=12,
                verbose_name="état",
            ),
        ),
    ]
