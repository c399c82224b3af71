from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "restore_check"
    help = (
        "Restaure une sauvegarde dans une base vide, vérifie que la boutique y est juste, mesure, puis efface la base."
    )
