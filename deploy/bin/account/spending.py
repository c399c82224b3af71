"""Money and room: budget, cost allocation tags, quotas."""

from __future__ import annotations

from collections.abc import Iterator

from release import Step, client

from account.facts import Account, answer_or_none

COST_TAGS = ("CostCentre", "Environment", "ManagedBy", "Owner", "Project")
BUDGET = "webmarket-account"
# https://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html: production runs 8 processors and, during a
# release, 16; a new account may start with 5. Five addresses hold the NAT gateways of three environments, and one
# more.
QUOTAS = (
    ("ec2", "L-1216C47A", 32, "processors of standard instances"),
    ("ec2", "L-0263D0A3", 6, "Elastic IP addresses"),
    ("vpc", "L-F678F1CE", 5, "networks"),
    ("vpc", "L-0EA8095F", 60, "rules of a security group"),
    ("rds", "L-7B6409FD", 6, "databases"),
)
PENDING = ("PENDING", "CASE_OPENED")


def missing_budget(account: Account) -> Iterator[str]:
    if not account.budget:
        return
    given = {"AccountId": account.id, "BudgetName": BUDGET}
    found = answer_or_none(client("budgets").describe_budget, "NotFoundException", **given)
    if not found or float(found["Budget"]["BudgetLimit"]["Amount"]) != account.budget:
        yield f"a budget of {account.budget} $ for the account"


def make_budget(step: Step, account: Account) -> None:
    budgets = client("budgets")
    limit = {"Amount": str(account.budget), "Unit": "USD"}
    budget = {"BudgetName": BUDGET, "BudgetLimit": limit, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
    given = {"AccountId": account.id, "BudgetName": BUDGET}
    if answer_or_none(budgets.describe_budget, "NotFoundException", **given):
        step.act(f"set the budget to {account.budget} $", budgets.update_budget, AccountId=account.id, NewBudget=budget)
        return
    subscribers = [{"SubscriptionType": "EMAIL", "Address": one} for one in account.emails]
    notifications = [
        {
            "Notification": {
                "NotificationType": kind,
                "ComparisonOperator": "GREATER_THAN",
                "Threshold": threshold,
                "ThresholdType": "PERCENTAGE",
            },
            "Subscribers": subscribers,
        }
        for kind, threshold in (("ACTUAL", 80.0), ("FORECASTED", 100.0))
    ]
    given = {"AccountId": account.id, "Budget": budget, "NotificationsWithSubscribers": notifications}
    step.act(f"set a budget of {account.budget} $", budgets.create_budget, **given)


def _cost_tags() -> dict[str, str]:
    found = client("ce").list_cost_allocation_tags(Type="UserDefined", TagKeys=list(COST_TAGS))["CostAllocationTags"]
    return {one["TagKey"]: one["Status"] for one in found}


def missing_cost_tags(account: Account) -> Iterator[str]:
    """A tag can be activated a day after it was first used: until then there is nothing to do."""
    if inactive := sorted(tag for tag, status in _cost_tags().items() if status != "Active"):
        yield f"the cost allocation tags {', '.join(inactive)}, by which environments' budgets count"


def make_cost_tags(step: Step, account: Account) -> None:
    given = [{"TagKey": tag, "Status": "Active"} for tag, status in _cost_tags().items() if status != "Active"]
    step.act("count by tags", client("ce").update_cost_allocation_tags_status, CostAllocationTagsStatus=given)


def _short_quotas() -> Iterator[tuple[str, str, int, str, float]]:
    quotas = client("service-quotas")
    for service, code, wanted, what in QUOTAS:
        given = {"ServiceCode": service, "QuotaCode": code}
        found = answer_or_none(quotas.get_service_quota, "NoSuchResourceException", **given)
        value = (found or quotas.get_aws_default_service_quota(**given))["Quota"]["Value"]
        if value < wanted:
            yield service, code, wanted, what, value


def _is_asked_for(service: str, code: str, wanted: int) -> bool:
    given = {"ServiceCode": service, "QuotaCode": code}
    asked = client("service-quotas").list_requested_service_quota_change_history_by_quota(**given)["RequestedQuotas"]
    return any(one["Status"] in PENDING and one["DesiredValue"] >= wanted for one in asked)


def missing_quotas(account: Account) -> Iterator[str]:
    for service, code, wanted, what, value in _short_quotas():
        waiting = ": asked for, and AWS has not answered" if _is_asked_for(service, code, wanted) else ""
        yield f"{what}: {value:.0f}, of {wanted}{waiting}"


def make_quotas(step: Step, account: Account) -> None:
    for service, code, wanted, what, _value in _short_quotas():
        if not _is_asked_for(service, code, wanted):
            given = {"ServiceCode": service, "QuotaCode": code, "DesiredValue": float(wanted)}
            step.act(f"ask for {wanted} {what}", client("service-quotas").request_service_quota_increase, **given)
