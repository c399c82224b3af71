from apps.operations.command import OperationCommand


class Command(OperationCommand):
    operation = "restore"
    help = (
        "Remet une sauvegarde dans une base vide (--into), l’amène au schéma de cette version, compare le contenu, "
        "vérifie les comptes, et l’y laisse ; avec --media, remet les fichiers. Interrompue, la même commande reprend."
    )
