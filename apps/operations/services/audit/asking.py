"""Calls AWS's API, goes on after refusals, and records them."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.utils.translation import gettext as _

from apps.operations.aws.clients import client
from apps.operations.aws.errors import NO_CREDENTIALS, UNKNOWN_CALLER, explain, is_missing

# Where IAM's names are not the API's:
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
PREFIXES = {"efs": "elasticfilesystem", "elbv2": "elasticloadbalancing", "s3control": "s3"}
RIGHTS = {
    ("budgets", "DescribeBudgets"): "budgets:ViewBudget",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
}


@dataclass(frozen=True)
class Unread:
    """A call that AWS refused. Without an optional one an audit is complete: only advice is missing."""

    service: str
    region: str
    right: str
    why: str
    is_optional: bool


class Ask:
    """`ask("rds", "describe_db_instances", region=…)` gives every page of the answer, or none when AWS refuses.

    Raises where nothing at all can be read: without credentials, or with ones that AWS does not know.
    """

    def __init__(self) -> None:
        self.unread: list[Unread] = []
        # IAM's name of each call.
        self.rights: set[str] = set()
        self._clients: dict[tuple[str, str], Any] = {}

    def __call__(
        self, service: str, call: str, *, region: str, is_optional: bool = False, **given: Any
    ) -> list[dict[str, Any]]:
        # Loads the half of botocore that only an audit and its like need.
        from botocore.parsers import ResponseParserError

        aws = self._client(service, region)
        action = aws.meta.method_to_api_mapping[call]
        right = RIGHTS.get((service, action), f"{PREFIXES.get(service, service)}:{action}")
        self.rights.add(right)
        try:
            if aws.can_paginate(call):
                return list(aws.get_paginator(call).paginate(**given))
            return [getattr(aws, call)(**given)]
        except NO_CREDENTIALS:
            raise
        except ClientError as error:
            if error.response["Error"]["Code"] in UNKNOWN_CALLER:
                raise
            # Deleted between listing and describing, or never there.
            if not is_missing(error):
                self._refused(service, region, right, explain(error).message, is_optional)
        except BotoCoreError as error:
            self._refused(service, region, right, explain(error).message, is_optional)
        except ResponseParserError:
            text = _("AWS a répondu à côté : recommencez, ou voyez son état de santé.")
            self._refused(service, region, right, text, is_optional)
        return []

    def all(self, service: str, call: str, key: str, *, region: str, **given: Any) -> list[dict[str, Any]]:
        """The things under `key` of every page."""
        return [each for page in self(service, call, region=region, **given) for each in page.get(key, [])]

    def one(self, service: str, call: str, *, region: str, **given: Any) -> dict[str, Any]:
        """An answer of one page; empty when there is none."""
        pages = self(service, call, region=region, **given)
        return pages[0] if pages else {}

    def failed(self, service: str, region: str, right: str = "") -> bool:
        """Whether AWS refused that call: nothing can then be concluded from an absence."""
        return any(
            (each.service, each.region) == (service, region) and right in ("", each.right) for each in self.unread
        )

    def _client(self, service: str, region: str) -> Any:
        if (service, region) not in self._clients:
            self._clients[service, region] = client(service, region)
        return self._clients[service, region]

    def _refused(self, service: str, region: str, right: str, why: str, is_optional: bool) -> None:
        prefix = PREFIXES.get(service, service)
        if not self.failed(prefix, region, right):
            self.unread.append(Unread(prefix, region, right, why, is_optional))
