from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "populate_datalake"
    help = (
        "Envoie vers LAKE_BUCKET ce qui a changé : catalogue et images sous des noms tirés de leur contenu, ventes et "
        "remboursements par mois en Parquet, jamais une donnée personnelle. athena.sql, à côté, en fait des tables."
    )
