from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.operations.services.audit.finding import Finding, Severity
from apps.operations.services.audit.inventory import Inventory


def old_metadata(inventory: Inventory) -> Iterator[Finding]:
    """IMDSv1 gives an instance's keys to whoever makes its programs fetch a URL.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
    """
    for each in inventory.instances:
        options = each.get("MetadataOptions", {})
        if options.get("HttpEndpoint") != "disabled" and options.get("HttpTokens") != "required":
            yield Finding(
                "imds_v1",
                Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("L’instance %(name)s répond encore à IMDSv1.") % {"name": each["InstanceId"]},
                _("Exigez des jetons : aws ec2 modify-instance-metadata-options --http-tokens required."),
            )
    for each in inventory.templates:
        options = each["LaunchTemplateData"].get("MetadataOptions", {})
        if options.get("HttpEndpoint") != "disabled" and options.get("HttpTokens") != "required":
            yield Finding(
                "imds_v1_template",
                Severity.MEDIUM,
                each["Arn"],
                each["Region"],
                _("Le modèle de lancement « %(name)s » fait des instances qui répondent à IMDSv1.")
                % {"name": each["LaunchTemplateName"]},
                _('Faites-en une version par défaut avec metadata_options { http_tokens = "required" }.'),
            )
