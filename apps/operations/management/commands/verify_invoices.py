from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "verify_invoices"
    help = "Compare chaque facture, avoir, clôture et archive avec son empreinte ; échoue si quelque chose a changé."
