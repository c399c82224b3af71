"""Settings of AWS from the environment: names for the operations, queues for the broker."""

from pathlib import Path
from typing import Any

from environ import Env

QUEUES = ("default", "operations")
# Longer than the longest task: a message that is delivered again while its task runs would run twice.
VISIBILITY_SECONDS = 1800


def operations(env: Env, *, region: str, var_dir: Path) -> dict[str, Any]:
    """settings.OPERATIONS. Without a bucket's name, backups and lake are written to folders of this machine."""
    return {
        "environment": env.str("ENVIRONMENT", default="local"),
        "region": region,
        "database_instance": env.str("DATABASE_INSTANCE", default=""),
        "backup_bucket": env.str("BACKUP_BUCKET", default=""),
        "backup_folder": Path(env.str("BACKUP_FOLDER", default=str(var_dir / "backups"))),
        # A second region for copies of snapshots, and the key that encrypts them there.
        "backup_region": env.str("BACKUP_REGION", default=""),
        "backup_kms_key": env.str("BACKUP_KMS_KEY", default=""),
        # What signs backups: a KMS key, or a file; without it, and without a bucket, a file of this machine.
        "backup_signing_key": env.str("BACKUP_SIGNING_KEY", default=""),
        "backup_signing_file": var_dir / "backup-signing.pem",
        # Further keys whose signatures count.
        "backup_trusted_keys": env.list("BACKUP_TRUSTED_KEYS", default=[]),
        # A server on which restorations are tested, in a database of their own.
        "restore_url": env.str("RESTORE_DATABASE_URL", default=""),
        "lake_bucket": env.str("LAKE_BUCKET", default=""),
        "lake_folder": Path(env.str("LAKE_FOLDER", default=str(var_dir / "lake"))),
        "metrics_log_group": env.str("METRICS_LOG_GROUP", default=""),
        "topic_arn": env.str("OPERATIONS_TOPIC_ARN", default=""),
        "emails": env.list("OPERATIONS_EMAILS", default=[]),
        # Hosts that load_generator may load; it refuses any other.
        "load_test_hosts": env.list("LOAD_TEST_HOSTS", default=["127.0.0.1", "localhost"]),
        # When resources tagged Environment=dev are running: « mon-fri 08:00-20:00 ».
        "dev_timetable": env.str("DEV_TIMETABLE", default=""),
        "dev_time_zone": env.str("DEV_TIME_ZONE", default="Europe/Paris"),
        # The first wait after a throttling error; each further one is up to twice as long.
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
