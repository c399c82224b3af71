"""CloudTrail, GuardDuty, log groups."""

from apps.operations.tests.estate.planting import Estate


def plant(estate: Estate) -> None:
    estate("cloudtrail").create_trail(Name="audit", S3BucketName="shop-logs", IsMultiRegionTrail=True)
    estate.fault("CloudTrail.1", "trail that records nothing", "account", "trail/audit")
    estate.fault("GuardDuty.1", "GuardDuty is off")
    logs = estate("logs")
    logs.create_log_group(logGroupName="/shop/web")
    estate.fault("CloudWatch.16", "log group that is never emptied", "/shop/web")
    logs.create_log_group(logGroupName="/shop/worker")
    logs.put_retention_policy(logGroupName="/shop/worker", retentionInDays=365)
    estate.twin("CloudWatch.16", "log group of one year", "/shop/worker")
