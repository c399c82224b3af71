from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "archive_invoices"
    help = "Écrit chaque mois clôturé de factures, signé, à côté des sauvegardes."
