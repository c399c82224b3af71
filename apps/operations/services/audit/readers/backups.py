from django.conf import settings

from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.backup.manifest import FOLDER


def read_backups(ask: Ask, inventory: Inventory, region: str) -> None:
    """When the newest logical backup was finished, by its manifest."""
    bucket = settings.OPERATIONS["backup_bucket"]
    if not bucket:
        return
    listed = ask.all("s3", "list_objects_v2", "Contents", region=region, Bucket=bucket, Prefix=FOLDER)
    inventory.backups_readable = not ask.failed("s3", region, "s3:ListBucket")
    finished = [each["LastModified"] for each in listed if each["Key"].endswith("/manifest.json")]
    inventory.newest_backup_at = max(finished, default=None)
