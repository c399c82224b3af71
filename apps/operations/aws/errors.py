"""Explains boto3's errors, each in one sentence with a remedy."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    TokenRetrievalError,
)
from django.utils.translation import gettext as _

from apps.operations.errors import AwsRefused

THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
    "BandwidthLimitExceeded",
}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden", "403", "AllAccessDisabled"}
UNKNOWN_CALLER = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
)


def explain(error: BotoCoreError | ClientError) -> AwsRefused:
    if isinstance(error, ClientError):
        return _explain_answer(error)
    if isinstance(error, NO_CREDENTIALS):
        return AwsRefused(
            _(
                "AWS ne sait pas qui nous sommes : donnez un rôle à cette machine, ou connectez-vous (aws sso login), "
                "puis recommencez."
            ),
            aws_code="NoCredentials",
        )
    if isinstance(error, NoRegionError):
        return AwsRefused(_("Aucune région AWS n’est choisie : renseignez AWS_REGION."), aws_code="NoRegion")
    if isinstance(error, EndpointConnectionError | HTTPClientError):
        return AwsRefused(
            _("AWS ne répond pas (%(error)s) : vérifiez le réseau et AWS_ENDPOINT_URL, puis recommencez.")
            % {"error": error},
            aws_code="Unreachable",
        )
    return AwsRefused(
        _("L’appel à AWS a échoué : %(error)s") % {"error": error},
        aws_code=type(error).__name__,
    )


def _explain_answer(error: ClientError) -> AwsRefused:
    code = error.response.get("Error", {}).get("Code", "")
    details = {"action": error.operation_name, "message": error.response.get("Error", {}).get("Message", "")}
    if code in THROTTLED:
        text = _(
            "AWS demande de ralentir (%(action)s) et n’a pas cédé après plusieurs essais : recommencez dans quelques "
            "minutes."
        )
    elif code in UNKNOWN_CALLER:
        text = _("AWS refuse nos identifiants (%(action)s) : renouvelez-les, ou donnez un rôle à cette machine.")
    elif code in DENIED:
        text = _("Le rôle de cette machine n’a pas le droit %(action)s : ajoutez-le dans terraform/modules/identity.")
    elif is_missing(error):
        text = _("AWS ne trouve pas ce que demande %(action)s (%(message)s) : vérifiez le nom et la région.")
    else:
        text = _("AWS a refusé %(action)s : %(message)s")
    return AwsRefused(text % details, aws_code=code)


def is_missing(error: ClientError) -> bool:
    code = error.response.get("Error", {}).get("Code", "")
    return code == "404" or "NotFound" in code or code.startswith("NoSuch") or "NonExistent" in code
