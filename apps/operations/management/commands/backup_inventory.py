from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "backup_inventory"
    examples = ("", "--json", "--weeks 8 --months 12")
    help = "Dit chaque sauvegarde avec son état, ce que cleanup en garde et pourquoi, et ce qui n’est pas à nous."
