from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("prospects", "0010_name_former_emails_and_survivors")]

    operations = [
        migrations.AlterField(
            model_name="prospectimport",
            name="status",
            field=models.CharField(
                choices=[("COLUMNS", "colonnes à dire"), ("PREVIEWED", "à confirmer"), ("DONE", "terminé")],
                default="PREVIEWED",
                max_length=10,
                verbose_name="état",
            ),
        ),
    ]
