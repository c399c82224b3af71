"""Takes the shop of DATABASE_URL back to the schema of an earlier release, and backs it up: prints the backup as JSON.

python -m webmarket.tests.proofs.recovery.older_backup
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from apps.operations.runs.report import Reporter  # noqa: E402
from apps.operations.services.backup.dump import dump  # noqa: E402
from apps.operations.services.backup.store import backups  # noqa: E402
from webmarket.tests import single_migrations  # noqa: E402

# Before invoices, withdrawals, imports that are undone, the owner's page, and the present names of hashes and e-mails.
BEFORE = {
    "operations": "0003",
    "imports": "",
    "invoicing": "",
    "aftersales": "",
    "shop": "",
    "backoffice": "0003",
    "prospects": "0009",
    "comments": "0006",
    "catalogue": "0019",
    "api": "0003",
    "common": "0004",
}


def main() -> None:
    for app, last in BEFORE.items():
        single_migrations.back(app, last)
    backup = dump(store=backups(), report=Reporter(), now=timezone.now())
    json.dump(
        {"prefix": backup.prefix, "rows": backup.rows, "bytes": backup.size, "tables": len(backup.tables)}, sys.stdout
    )


if __name__ == "__main__":
    main()
