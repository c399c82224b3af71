"""What MySQL holds and SQLite does not comes back as it was."""

import pytest
from django.db import connection, connections

from apps.catalogue.models import Variant
from apps.operations.services.backup.target import ALIAS
from apps.operations.tests.restore.restored import State, manage, opened


@pytest.mark.mysql
def test_views_routines_and_triggers_come_back(backup, folder, target):
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW zz_first AS SELECT id, sku FROM catalogue_variant")
        cursor.execute("CREATE VIEW aa_second AS SELECT sku FROM zz_first")
        cursor.execute(
            "CREATE TRIGGER no_twins BEFORE INSERT ON catalogue_variant FOR EACH ROW SET NEW.sku = UPPER(NEW.sku)"
        )
        cursor.execute("CREATE PROCEDURE count_them() SELECT COUNT(*) FROM catalogue_variant")
        try:
            assert manage("backup_manager", "--logical").state == State.SUCCEEDED
        finally:
            for what in ("VIEW aa_second", "VIEW zz_first", "TRIGGER no_twins", "PROCEDURE count_them"):
                cursor.execute(f"DROP {what}")
    run = manage("restore", "--into", target)
    assert run.state == State.SUCCEEDED, run.message
    assert "4 recréés sur 4" in run.log
    with opened(target), connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM aa_second")
        assert cursor.fetchone()[0] == Variant.objects.count()
        cursor.execute("SHOW TRIGGERS")
        assert [row[0] for row in cursor.fetchall()] == ["no_twins"]
    assert manage("restore_check").state == State.SUCCEEDED


@pytest.mark.mysql
def test_ids_of_zero_single_floats_and_odd_values_are_as_they_were(backup, target):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE zz_odd (id bigint AUTO_INCREMENT PRIMARY KEY, f float, d double, n decimal(30, 10), "
            "b varbinary(20), t time(6), x bit(9), words varchar(80), j json)"
        )
        try:
            cursor.execute("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
            cursor.execute(
                "INSERT INTO zz_odd VALUES (0, 0.1, 1e-300, -12345678901234567890.0123456789, 0x00FF27, "
                "'-838:59:58.999999', b'101010101', 'a\\r\\n\\t\\0\\Z%s', '[1.0, -0.0, 12345678901234567890]'), "
                "(5, 3.4028235e38, -0.0, NULL, '', NULL, NULL, '', NULL), "
                "(NULL, 16777216, NULL, 0, NULL, 0, 0, NULL, '{}')"
            )
            connection.commit()
            cursor.execute("SET SESSION sql_mode = 'TRADITIONAL'")
            assert manage("backup_manager", "--logical").state == State.SUCCEEDED
            run = manage("restore", "--into", target)
            assert run.state == State.SUCCEEDED, run.message
            cursor.execute("CHECKSUM TABLE zz_odd")
            wanted = cursor.fetchone()[1]
        finally:
            cursor.execute("DROP TABLE zz_odd")
    with opened(target), connections[ALIAS].cursor() as cursor:
        cursor.execute("CHECKSUM TABLE zz_odd")
        assert cursor.fetchone()[1] == wanted
        cursor.execute("SELECT id FROM zz_odd ORDER BY id")
        assert [row[0] for row in cursor.fetchall()] == [0, 5, 6]
