from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "publish_metrics"
    help = "Envoie à CloudWatch les chiffres de la dernière heure : commandes, paniers, files, ruptures, échecs."
