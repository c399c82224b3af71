from django.db import migrations

DAYS = {"nouveau": 3, "contacte": 7, "qualifie": 14, "proposition": 14}


def set_days(apps, schema_editor):
    Stage = apps.get_model("prospects", "Stage")
    for code, days in DAYS.items():
        Stage.objects.filter(code=code, cold_after_days=None).update(cold_after_days=days)


class Migration(migrations.Migration):
    dependencies = [("prospects", "0005_board_columns")]

    operations = [migrations.RunPython(set_days, migrations.RunPython.noop)]
