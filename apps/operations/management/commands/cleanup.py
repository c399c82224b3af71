from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "cleanup"
    help = "Supprime nos anciens instantanés et exports, jamais les derniers, ni ce qui est partagé, retenu ou utilisé."
