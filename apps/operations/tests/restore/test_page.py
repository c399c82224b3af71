"""`restore` as a page of the back office."""

import pytest
from django.db import connection
from django.urls import reverse

from apps.operations.models import OperationRun
from apps.operations.tests.restore.restored import State


class TestPage:
    @pytest.fixture
    def start(self) -> str:
        return reverse("admin:operations_start", args=["restore"])

    def test_who_may_not_start_operations_does_not_find_it(self, client, start, db):
        from django.contrib.auth.models import Permission

        from apps.accounts.tests.factories import UserFactory

        user = UserFactory(is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename="view_operationrun"))
        client.force_login(user)
        assert start not in client.get(reverse("admin:operations_operationrun_changelist")).content.decode()
        assert client.get(start).status_code == 403
        assert client.post(start, {"into": "mysql://127.0.0.1/x"}).status_code == 403

    def test_it_asks_as_a_trial_and_takes_no_password_and_no_file_anywhere(self, admin_client, start, settings):
        assert 'name="into"' in admin_client.get(start).content.decode()
        page = admin_client.post(start, {"into": "mysql://root:s3cret@127.0.0.1:3306/x"})
        assert page.status_code == 200
        assert "il resterait dans la file" in page.content.decode()
        assert "s3cret" not in page.content.decode()
        page = admin_client.post(start, {"into": "sqlite:////etc/shop.sqlite3"})
        assert str(settings.VAR_DIR) in page.content.decode()
        assert admin_client.post(start, {}).status_code == 200
        assert not OperationRun.objects.exists()

    def test_it_is_run_by_a_worker(self, admin_client, start, settings, folder, backup, tmp_path):
        settings.VAR_DIR = tmp_path
        into = f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        if connection.vendor == "mysql":
            shop = connection.settings_dict
            into = f"mysql://{shop['HOST']}:{shop['PORT']}/{shop['NAME']}_of_the_page"
        assert admin_client.post(start, {"into": into, "at_once": 4, "dry_run": "on"}).status_code == 302
        run = OperationRun.objects.of("restore").get()
        assert (run.state, run.source, run.is_dry_run) == (State.SUCCEEDED, "BACK_OFFICE", True), run.message
