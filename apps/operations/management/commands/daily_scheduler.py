from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "daily_scheduler"
    help = (
        "Démarre et arrête les instances, groupes et bases étiquetés Environment=dev. Une étiquette "
        "KeepUpUntil=2026-11-21T22:00 en garde une en marche ; ce qui est étiqueté prod n’est jamais touché."
    )
