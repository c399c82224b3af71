"""Python loads this at start where PYTHONPATH names its folder: what moto answers otherwise than AWS, put right.

- SES: a configuration set says whether it sends; an identity has three keys, made at a time that is a number, and the
  domain that bounces go to.
- RDS: a replica of a database in another region stands in the subnets of its own.
"""

from __future__ import annotations

import os
import time
from hashlib import sha256
from typing import Any


def amend_ses() -> None:
    from moto.ses.models import ConfigurationSet, EmailIdentity
    from moto.sesv2 import urls
    from moto.sesv2.responses import SESV2Response

    describe_set, describe_identity = ConfigurationSet.to_dict_v2, EmailIdentity.get_response_object.fget
    begin = EmailIdentity.__init__
    bounces: dict[str, dict[str, Any]] = {}

    def to_dict_v2(self: Any) -> dict[str, Any]:
        found = {**describe_set(self), "SendingOptions": self.enabled or {"SendingEnabled": True}}
        # AWS leaves out what was not set; shown empty, the provider changes it.
        return {name: value for name, value in found.items() if value not in (None, {})}

    def __init__(self: Any, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        if "LastKeyGenerationTimestamp" in self.dkim_attributes:
            self.dkim_attributes["LastKeyGenerationTimestamp"] = time.time()

    def get_response_object(self: Any) -> dict[str, Any]:
        answer = describe_identity(self)
        tokens = [sha256(f"{self.email_identity}{number}".encode()).hexdigest()[:32] for number in range(3)]
        answer["DkimAttributes"] = {**answer["DkimAttributes"], "Tokens": tokens}
        answer["MailFromAttributes"] = bounces.get(self.email_identity, {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"})
        return answer

    def put_email_identity_mail_from_attributes(self: SESV2Response) -> str:
        identity = self.path.split("/identities/")[1].split("/")[0]
        bounces[identity] = {
            "MailFromDomain": self._get_param("MailFromDomain"),
            "MailFromDomainStatus": "SUCCESS",
            "BehaviorOnMxFailure": self._get_param("BehaviorOnMxFailure") or "USE_DEFAULT_VALUE",
        }
        return "{}"

    ConfigurationSet.to_dict_v2 = to_dict_v2
    EmailIdentity.__init__ = __init__
    EmailIdentity.get_response_object = property(get_response_object)
    SESV2Response.put_email_identity_mail_from_attributes = put_email_identity_mail_from_attributes
    # The server answers the paths of this list alone.
    urls.url_paths["{0}/v2/email/identities/(?P<EmailIdentity>[^/]+)/mail-from$"] = SESV2Response.dispatch


def amend_rds() -> None:
    from moto.rds.models import RDSBackend

    create = RDSBackend.create_db_instance_read_replica

    def create_db_instance_read_replica(self: RDSBackend, db_kwargs: dict[str, Any]) -> Any:
        # The copy of the source looks its subnets up in its backend, which is set in the order of the arguments.
        return create(self, {"backend": self, **db_kwargs})

    RDSBackend.create_db_instance_read_replica = create_db_instance_read_replica


if os.environ.get("WEBMARKET_MOTO") == "amended":
    amend_ses()
    amend_rds()
