from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "backup_manager"
    help = (
        "Sauvegarde la base : un instantané RDS, ou --logical, table par table et relue ; avec --media, les fichiers."
    )
