import errno
import json
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import IntegrityError, OperationalError, ProgrammingError, connection
from django.utils import timezone

from apps.operations.models import OperationRun
from apps.operations.operations import OPERATIONS
from apps.operations.runs.broken import explained

pytestmark = pytest.mark.django_db


def test_json_is_all_that_stands_on_standard_output():
    out, err = StringIO(), StringIO()
    call_command("publish_metrics", "--json", stdout=out, stderr=err)
    answer = json.loads(out.getvalue())
    assert answer["operation"] == "publish_metrics"
    assert answer["state"] == "SUCCEEDED"
    assert answer["result"]["metrics"]["OrdersPlaced"] == 0
    assert "OrdersPlaced" in err.getvalue()


def test_a_second_run_has_an_exit_code_of_its_own():
    now = timezone.now()
    OperationRun.objects.create(
        operation="publish_metrics",
        source="SCHEDULE",
        host="elsewhere",
        pid=1,
        started_at=now,
        expires_at=now + timezone.timedelta(hours=1),
        active_key="publish_metrics",
    )
    errors = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("publish_metrics", stdout=StringIO(), stderr=errors)
    assert ended.value.code == 3
    assert "Déjà en cours" in errors.getvalue()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_what_nobody_expected_is_one_sentence(arguments, settings, tmp_path, caplog):
    """A folder of backups that is a file: no operation has a sentence for that."""
    (tmp_path / "backups").write_text("")
    settings.OPERATIONS = {**settings.OPERATIONS, "backup_bucket": "", "backup_folder": tmp_path / "backups"}
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("backup_manager", "--logical", *arguments, stdout=out, stderr=err)
    assert ended.value.code == 1
    answer = json.loads(out.getvalue())["message"] if arguments else err.getvalue()
    assert OperationRun.objects.get().message in answer
    assert "Erreur inattendue" in answer
    assert "Traceback" not in out.getvalue() + err.getvalue()
    assert "operation_broke" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--nothing"], "Option inconnue : --nothing."),
        (["--fail-on"], "--fail-on attend une valeur."),
        (["--fail-on", "dreadful"], "--fail-on : Sélectionnez un choix valide"),
        (["--dry-run=yes"], "--dry-run n’attend pas de valeur."),
        (["--regions", "x" * 201], "--regions : Assurez-vous"),
        (["elsewhere"], "Option inconnue : elsewhere."),
    ],
)
def test_wrong_arguments_are_one_sentence_and_json_where_it_was_asked_for(capsys, arguments, says):
    command = load_command_class("apps.operations", "audit_infra")
    for more in ([], ["--json"]):
        with pytest.raises(SystemExit) as ended:
            command.run_from_argv(["manage.py", "audit_infra", *arguments, *more])
        assert ended.value.code == 2
        printed = capsys.readouterr()
        message = json.loads(printed.out)["message"] if more else printed.err
        assert says in message.replace("\u202f", " ")
        assert "usage" not in printed.out + printed.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OperationalError(1045, "Access denied for user 'shop'@'10.0.0.1' (using password: YES)"), "database_refuses"),
        (OperationalError(1142, "INSERT command denied to user 'reader'"), "database_refuses"),
        (OperationalError(1049, "Unknown database 'shop'"), "database_refuses"),
        (OperationalError("attempt to write a readonly database"), "database_refuses"),
        (ProgrammingError(1146, "Table 'shop.operations_operationrun' doesn't exist"), "not_migrated"),
        (OperationalError("no such table: operations_operationrun"), "not_migrated"),
        (OperationalError(1054, "Unknown column 'x'"), "not_migrated"),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/backups"), "not_permitted"),
        (OSError(errno.EROFS, "Read-only file system", "/srv/backups"), "not_permitted"),
        (OperationalError(2002, "Can't connect"), "database_away"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
    ],
)
def test_what_stands_around_an_operation_has_a_sentence_with_what_to_do(error, code):
    found = explained(error)
    assert found.code == code
    assert "recommencez" in found.message


@pytest.mark.parametrize("error", [ValueError("no"), FileNotFoundError(2, "No such file"), IntegrityError(1062, "x")])
def test_what_nobody_foresaw_has_none(error):
    assert explained(error) is None


def test_an_unknown_option_is_refused():
    with pytest.raises((CommandError, TypeError)):
        call_command("publish_metrics", "--nothing", stdout=StringIO())


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_has_a_command_and_a_row_in_the_readme(name):
    assert get_commands()[name] == "apps.operations"
    assert f"| `{name}` |" in (settings.BASE_DIR / "README.md").read_text()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["canonical_addresses", pytest.param("text_columns", marks=pytest.mark.mysql)])
def test_a_command_that_is_no_operation_says_in_a_sentence_that_the_database_is_away(name):
    def away(call, sql, params, many, context):
        raise OperationalError(2002, "Can't connect to MySQL server")

    with connection.execute_wrapper(away), pytest.raises(CommandError, match="ne répond pas"):
        call_command(name, stdout=StringIO())
