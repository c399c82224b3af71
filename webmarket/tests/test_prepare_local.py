import stat

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate, get_user_model

from webmarket.management.commands import prepare_local

pytestmark = pytest.mark.django_db


@pytest.fixture
def login(tmp_path, monkeypatch):
    path = tmp_path / "var" / "demo-staff-login"
    monkeypatch.setattr(prepare_local, "STAFF_LOGIN", path)
    return path


def test_staff_can_log_in_with_what_the_file_says(login, rf):
    prepare_local.make_staff_login()
    email, password = login.read_text().split()
    staff = authenticate(rf.post("/admin/login/"), username=email, password=password)
    assert staff.is_staff
    assert EmailAddress.objects.get(user=staff).verified
    assert stat.S_IMODE(login.stat().st_mode) == 0o600


def test_a_second_start_keeps_the_password(login):
    prepare_local.make_staff_login()
    first = login.read_text()
    prepare_local.make_staff_login()
    assert login.read_text() == first
    assert get_user_model().objects.filter(is_staff=True).count() == 1


def test_a_lost_file_gives_a_new_password(login, rf):
    prepare_local.make_staff_login()
    login.unlink()
    prepare_local.make_staff_login()
    email, password = login.read_text().split()
    assert authenticate(rf.post("/admin/login/"), username=email, password=password)
