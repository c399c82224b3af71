from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "restore"
    examples = (
        "--into mysql://utilisateur:motdepasse@hote:3306/webmarket_restored --dry-run",
        "--into mysql://utilisateur:motdepasse@hote:3306/webmarket_restored",
        "--into sqlite:////srv/webmarket/restored.sqlite3 --backup 2026-11-21T02-00-00",
        "--rds webmarket-production-restored-1 --to-point-in-time 2026-11-28T09:55",
        "--rds webmarket-production-restored-1 --backup snap-webmarket-production-2026-11-28-03-00",
        "--media",
    )
    help = (
        "Remet une sauvegarde dans une base vide (--into), l’amène au schéma de cette version, compare le contenu, "
        "vérifie les comptes, et l’y laisse ; avec --media, remet les fichiers. Interrompue, la même commande reprend."
    )
