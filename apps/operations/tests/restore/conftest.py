import secrets
from decimal import Decimal

import pytest
from django.db import connection

from apps.catalogue.tests.factories import VariantFactory
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.loading import run
from apps.operations.services.backup.store import Folder
from apps.operations.tests.restore.restored import State, manage, server, url_of


@pytest.fixture
def folder(settings, tmp_path) -> Folder:
    settings.OPERATIONS = {
        **settings.OPERATIONS,
        "backup_folder": tmp_path / "backups",
        "backup_bucket": "",
        "database_instance": "",
        "restore_url": "",
    }
    return Folder(tmp_path / "backups")


@pytest.fixture
def backup(transactional_db, folder) -> manifests.Manifest:
    for number, name in enumerate(["Thé « Été »", "日本茶 🍵", "O'Neill \\ 100 %"]):
        VariantFactory(product__name_fr=name, price=Decimal("12.30") + number)
    run = manage("backup_manager", "--logical")
    assert run.state == State.SUCCEEDED, run.message
    return manifests.read(folder, manifests.finished(folder)[0])


@pytest.fixture
def target(transactional_db, tmp_path):
    """Where nothing is yet."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        return
    name = f"{connection.settings_dict['NAME']}_{secrets.token_hex(3)}"
    yield url_of(name)
    with server() as raw:
        run(raw, f"DROP DATABASE IF EXISTS `{name}`")
