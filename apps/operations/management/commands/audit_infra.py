from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "audit_infra"
    help = "Dit ce que coûte le compte AWS et ce qui y est mal : sécurité, sauvegardes, dépenses. AWS n’est que lu."
