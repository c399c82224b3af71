from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_history_and_old_paths")]

    operations = [
        migrations.AlterField(
            model_name="historyimport",
            name="status",
            field=models.CharField(
                choices=[
                    ("COLUMNS", "colonnes à dire"),
                    ("RECEIVED", "aperçu en cours"),
                    ("PREVIEWED", "à confirmer"),
                    ("CONFIRMED", "import en cours"),
                    ("DONE", "terminé"),
                    ("UNDOING", "annulation en cours"),
                    ("UNDONE", "annulé"),
                    ("REFUSED", "fichier refusé"),
                ],
                default="RECEIVED",
                max_length=10,
                verbose_name="état",
            ),
        ),
    ]
