from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.inventory import Inventory

# Where CloudFront looks for its certificates.
EDGE = "us-east-1"


def read_watching(ask: Ask, inventory: Inventory, region: str) -> None:
    inventory.alarms += [
        {**each, "Arn": each["AlarmArn"], "Region": region}
        for each in ask.all("cloudwatch", "describe_alarms", "MetricAlarms", region=region)
    ]
    if ask.failed("cloudwatch", region, "cloudwatch:DescribeAlarms"):
        inventory.unread_alarms.add(region)
    inventory.secrets += [
        {**each, "Arn": each["ARN"], "Region": region}
        for each in ask.all("secretsmanager", "list_secrets", "SecretList", region=region)
    ]
    arns = {each["Arn"] for each in inventory.certificates}
    for place in dict.fromkeys((region, EDGE)):
        for listed in ask.all("acm", "list_certificates", "CertificateSummaryList", region=place):
            arn = listed["CertificateArn"]
            if arn not in arns:
                arns.add(arn)
                answer = ask.one("acm", "describe_certificate", region=place, CertificateArn=arn)
                if certificate := answer.get("Certificate"):
                    inventory.certificates.append({**certificate, "Arn": arn, "Region": place})
