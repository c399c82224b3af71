import json
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.utils import timezone

from apps.operations.models import OperationRun
from apps.operations.operations import OPERATIONS

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


def test_an_unknown_option_is_refused():
    with pytest.raises((CommandError, TypeError)):
        call_command("publish_metrics", "--nothing", stdout=StringIO())


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_has_a_command_and_a_row_in_the_readme(name):
    assert get_commands()[name] == "apps.operations"
    assert f"| `{name}` |" in (settings.BASE_DIR / "README.md").read_text()
