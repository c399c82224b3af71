from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.statements import read_policy


def read_data(ask: Ask, inventory: Inventory, region: str) -> None:
    """Tables, repositories of images, file systems. What AWS refuses to say is None."""
    for name in ask.all("dynamodb", "list_tables", "TableNames", region=region):
        answer = ask.one("dynamodb", "describe_continuous_backups", region=region, TableName=name)
        recovery = answer.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription", {})
        inventory.tables.append(
            {
                "Arn": inventory.arn("dynamodb", region, f"table/{name}"),
                "Region": region,
                "Name": name,
                "Recovers": recovery["PointInTimeRecoveryStatus"] == "ENABLED" if recovery else None,
            }
        )
    for each in ask.all("ecr", "describe_repositories", "repositories", region=region):
        name = each["repositoryName"]
        answer = ask.one("ecr", "get_repository_policy", region=region, repositoryName=name)
        place = {"Arn": each["repositoryArn"], "Region": region}
        inventory.repositories.append({**each, **place, "Policy": read_policy(answer.get("policyText"))})
    inventory.file_systems += [
        {**each, "Arn": each["FileSystemArn"], "Region": region}
        for each in ask.all("efs", "describe_file_systems", "FileSystems", region=region)
    ]


def read_budgets(ask: Ask, inventory: Inventory, region: str) -> None:
    budgets = ask.all("budgets", "describe_budgets", "Budgets", region=region, AccountId=inventory.account)
    inventory.has_budget = None if ask.failed("budgets", region) else bool(budgets)
