from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "report_sales"
    help = "Remet à la plateforme agréée les ventes aux particuliers et les factures aux entreprises d’une période."
