from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "reconcile_payouts"
    help = (
        "Lit les versements des prestataires de paiement et rapproche chaque ligne des paiements, remboursements et "
        "litiges ; échoue s’il reste quelque chose à expliquer."
    )
