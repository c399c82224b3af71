"""What moto does not know of an account, answered for it: Access Analyzer, quotas, cost tags, public snapshots, SES.

Tests lay it over botocore's calls; its fields are all that it knows, so that it can be kept between two programs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ACCOUNT = "123456789012"
READS = ("Get", "List", "Describe", "Head")


@dataclass
class BeyondMoto:
    changes: list[str] = field(default_factory=list)
    analyzers: list[dict] = field(default_factory=list)
    # EBS's block of public snapshots.
    sharing: str = "unblocked"
    tags: dict[str, str] = field(default_factory=lambda: {"Environment": "Inactive", "Project": "Active"})
    quotas: dict[str, float] = field(default_factory=lambda: {"L-1216C47A": 5.0})
    asked: dict[str, float] = field(default_factory=dict)
    # Of whoever calls, where it is not moto's own.
    arn: str = ""
    # SES: whether it writes to everybody, and has found its keys in the domain.
    out_of_sandbox: bool = False
    keys_found: bool = False
    # Whether subscribers to topics have followed the link in AWS's e-mail.
    confirmed: bool = False

    def answer(self, operation: str, given: dict) -> dict | None:
        """None for what moto answers."""
        if not operation.startswith(READS):
            self.changes.append(operation)
        match operation:
            case "GetCallerIdentity" if self.arn:
                return {"Account": ACCOUNT, "Arn": self.arn}
            case "ListAnalyzers":
                return {"analyzers": self.analyzers}
            case "CreateAnalyzer":
                self.analyzers.append({"status": "ACTIVE"})
            case "GetSnapshotBlockPublicAccessState":
                return {"State": self.sharing}
            case "EnableSnapshotBlockPublicAccess":
                self.sharing = given["State"]
            case "ListCostAllocationTags":
                return {"CostAllocationTags": [{"TagKey": tag, "Status": status} for tag, status in self.tags.items()]}
            case "UpdateCostAllocationTagsStatus":
                self.tags |= {one["TagKey"]: one["Status"] for one in given["CostAllocationTagsStatus"]}
            case "GetServiceQuota":
                return {"Quota": {"Value": self.quotas.get(given["QuotaCode"], 100.0)}}
            case "RequestServiceQuotaIncrease":
                self.asked[given["QuotaCode"]] = given["DesiredValue"]
            case "ListRequestedServiceQuotaChangeHistoryByQuota":
                desired = self.asked.get(given["QuotaCode"])
                return {"RequestedQuotas": [{"Status": "PENDING", "DesiredValue": desired}] if desired else []}
            case "GetAccount":
                return {"ProductionAccessEnabled": self.out_of_sandbox, "SendingEnabled": True}
            case "PutAccountDetails":
                self.out_of_sandbox = given["ProductionAccessEnabled"]
            case _:
                return None
        return {}

    def amend(self, operation: str, answer: dict) -> dict:
        """What moto says otherwise than AWS."""
        if operation == "GetEmailIdentity":
            answer["VerifiedForSendingStatus"] = self.keys_found
        if operation == "ListSubscriptions" and not self.confirmed:
            for one in answer["Subscriptions"]:
                one["SubscriptionArn"] = "PendingConfirmation"
        return answer
