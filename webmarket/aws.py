"""What the environment says about AWS: names for the operations, queues for the broker."""

from pathlib import Path
from typing import Any

from environ import Env

QUEUES = ("default", "operations")
# Longer than the longest task: a message that comes back while its task still runs would run twice.
VISIBILITY_SECONDS = 1800


def operations(env: Env, *, region: str, var_dir: Path) -> dict[str, Any]:
    """Names, regions and retention. What has no name is not there: backups then go to a folder of this machine."""
    return {
        "environment": env.str("ENVIRONMENT", default="local"),
        "region": region,
        "database_instance": env.str("DATABASE_INSTANCE", default=""),
        "backup_bucket": env.str("BACKUP_BUCKET", default=""),
        "backup_folder": Path(env.str("BACKUP_FOLDER", default=str(var_dir / "backups"))),
        # Where snapshots are copied too, and the key that encrypts them there.
        "backup_region": env.str("BACKUP_REGION", default=""),
        "backup_kms_key": env.str("BACKUP_KMS_KEY", default=""),
        # A server on which backups are restored to see that they can be, in a database of its own.
        "restore_url": env.str("RESTORE_DATABASE_URL", default=""),
        "lake_bucket": env.str("LAKE_BUCKET", default=""),
        "lake_folder": Path(env.str("LAKE_FOLDER", default=str(var_dir / "lake"))),
        "metrics_log_group": env.str("METRICS_LOG_GROUP", default=""),
        "topic_arn": env.str("OPERATIONS_TOPIC_ARN", default=""),
        "emails": env.list("OPERATIONS_EMAILS", default=[]),
        # Whom load_generator may load; a shop that is not named here is refused.
        "load_test_hosts": env.list("LOAD_TEST_HOSTS", default=["127.0.0.1", "localhost"]),
        # When what is tagged Environment=dev is up: « mon-fri 08:00-20:00 ».
        "dev_timetable": env.str("DEV_TIMETABLE", default=""),
        "dev_time_zone": env.str("DEV_TIME_ZONE", default="Europe/Paris"),
        # The first wait after a « slow down »; each further one is up to twice as long.
        "retry_seconds": 0.5,
        "poll_seconds": 15,
    }


def broker_options(url: str, env: Env, *, region: str, var_dir: Path) -> dict[str, Any]:
    """The transport's options: queues that Terraform made, or folders of this machine."""
    if url.startswith("filesystem:"):
        queue = str(var_dir / "broker" / "queue")
        return {
            "data_folder_in": queue,
            "data_folder_out": queue,
            "control_folder": str(var_dir / "broker" / "control"),
        }
    if not url.startswith("sqs:"):
        return {}
    urls = env.dict("CELERY_QUEUE_URLS")
    return {
        "region": region,
        "predefined_queues": {name: {"url": urls[name]} for name in QUEUES},
        "visibility_timeout": VISIBILITY_SECONDS,
        "wait_time_seconds": 20,
        "polling_interval": 0.1,
    }
