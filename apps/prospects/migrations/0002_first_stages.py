from django.db import migrations

STAGES = [
    ("nouveau", "Nouveau", "New", "#5a665f", False, "OPEN"),
    ("contacte", "Contacté", "Contacted", "#2f6f8f", False, "OPEN"),
    ("qualifie", "Qualifié", "Qualified", "#6a5aa8", False, "OPEN"),
    ("proposition", "Proposition", "Proposal", "#a8641a", False, "OPEN"),
    ("gagne", "Gagné", "Won", "#256b4c", False, "WON"),
    ("perdu", "Perdu", "Lost", "#b9381f", True, "LOST"),
]


def add_stages(apps, schema_editor):
    Stage = apps.get_model("prospects", "Stage")
    for position, (code, french, english, colour, asks_reason, outcome) in enumerate(STAGES):
        Stage.objects.get_or_create(
            code=code,
            defaults={
                "name_fr": french,
                "name_en": english,
                "position": position,
                "colour": colour,
                "asks_reason": asks_reason,
                "outcome": outcome,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("prospects", "0001_initial")]

    operations = [migrations.RunPython(add_stages, migrations.RunPython.noop)]
