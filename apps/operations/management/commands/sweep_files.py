from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "sweep_files"
    help = "Supprime les images que plus aucun produit ne montre, après un délai, et les envois inachevés."
