"""Rate limits on guessing passwords, at every login, without locking the owner out. The cache is not cleared here."""

import threading
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import guessing
from apps.accounts.tests.factories import StaffFactory
from apps.api.tests.caller import Caller

pytestmark = pytest.mark.django_db
PASSWORD = "un mot de passe solide"
EMAIL = "camille@exemple.fr"


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


@pytest.fixture(autouse=True)
def owner(db, settings):
    # A staff account can use every login.
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": None}
    user = StaffFactory(email=EMAIL)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def shop(client, *, password, ip, email=EMAIL):
    answer = client.post(reverse("account_login"), {"login": email, "password": password}, REMOTE_ADDR=ip)
    return answer.status_code == 302, answer


def office(client, *, password, ip, email=EMAIL):
    answer = client.post(reverse("admin:login"), {"username": email, "password": password}, REMOTE_ADDR=ip)
    return answer.status_code == 302, answer


def programs(client, *, password, ip, email=EMAIL):
    answer = at(ip)("post", "auth/login", {"email": email, "password": password})
    return answer.status_code == 200, answer


def at(ip):
    caller = Caller()
    caller.client = Client(REMOTE_ADDR=ip)
    return caller


DOORS = [shop, office, programs]
doors = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)


def guess(client, door, *, times, ip):
    """How many of the guesses were checked (not answered by 429)."""
    return sum(door(client, password=f"non {n}", ip=ip)[1].status_code != 429 for n in range(times))


@doors
@pytest.mark.parametrize(
    ("guesser", "owner_is_at"),
    [("192.0.2.91", "198.51.100.51"), ("2001:db8:1:1::5", "2001:db8:2:1::5"), ("192.0.2.91", "2001:db8::1")],
)
def test_wrong_passwords_from_elsewhere_shut_nobody_out(client, clock, door, guesser, owner_is_at):
    for _quarter in range(3):
        clock.shift(timedelta(minutes=16))
        guess(client, door, times=8, ip=guesser)
    assert not door(client, password=PASSWORD, ip=guesser)[0]
    for other in DOORS:
        entered, answer = other(client, password=PASSWORD, ip=owner_is_at)
        assert entered, (other, answer.status_code)
        client.logout()


def test_hundreds_of_networks_shut_nobody_out_either(client, clock, owner):
    for n in range(300):
        source = {"account": EMAIL, "ip": f"10.{n % 200}.{n % 250}.9"}
        if not guessing.begin(**source, now=timezone.now()):
            guessing.failed(**source, now=timezone.now())
    for door in DOORS:
        assert door(client, password=PASSWORD, ip="198.51.100.51")[0], door
        client.logout()


@doors
def test_a_source_has_five_tries_and_waits_a_quarter_of_an_hour(client, clock, door):
    looked_at = guess(client, door, times=5, ip="192.0.2.91")
    # The back office answers the last of them with how long to wait.
    assert looked_at >= 4
    entered, answer = door(client, password=PASSWORD, ip="192.0.2.91")
    assert (entered, answer.status_code) == (False, 429)
    assert 0 < int(answer["Retry-After"]) <= 15 * 60
    clock.shift(timedelta(minutes=15, seconds=1))
    assert door(client, password=PASSWORD, ip="192.0.2.91")[0]


@pytest.mark.parametrize(
    "ips",
    [
        [f"192.0.2.{n}" for n in range(1, 20)],
        [f"2001:db8:1:1:{n}::1" for n in range(1, 20)],
        [f"::ffff:192.0.2.{n}" for n in range(1, 20)],
    ],
    ids=["IPv4 /24", "IPv6 /64", "IPv4 as IPv6"],
)
def test_a_network_that_changes_its_ip_is_one_source(client, ips):
    looked_at = sum(shop(client, password="non", ip=each)[1].status_code != 429 for each in ips)
    assert looked_at == 5


def test_the_doors_count_together(client):
    for door in (shop, office, programs, shop, office):
        door(client, password="non", ip="192.0.2.91")
    for door in DOORS:
        assert door(client, password=PASSWORD, ip="192.0.2.91")[1].status_code == 429


def test_the_customer_of_a_48_has_sixty_tries_and_not_65536_places():
    now, looked_at = timezone.now(), 0
    for n in range(200):
        ip = f"2001:db8:7:{n:x}::1"
        if not guessing.begin(account=f"client{n}@exemple.fr", ip=ip, now=now):
            looked_at += 1
            guessing.failed(account=f"client{n}@exemple.fr", ip=ip, now=now)
    assert looked_at == guessing.NETWORK_TRIES


def test_many_networks_are_slowed_down_by_the_account_itself():
    """Four networks that try every half hour for three days. By the source alone each would have 144 guesses."""
    start, by_day = timezone.now(), [0, 0, 0]
    for half in range(3 * 48):
        now = start + timedelta(minutes=30 * half)
        for n in range(4):
            source = {"account": EMAIL, "ip": f"10.9.{n}.1"}
            if not guessing.begin(**source, now=now):
                guessing.failed(**source, now=now)
                by_day[half // 48] += 1
    # Three, then one after 1, 2, 4, 8, 16 and 24 hours, then one a day.
    assert by_day == [28, 4, 4]


def test_an_owner_who_mistypes_while_others_guess_tries_again_at_once(client, clock):
    for n in range(60):
        shop(client, password="non", ip=f"10.0.{n}.9")
    for _attempt in range(2):
        assert not shop(client, password="presque", ip="198.51.100.51")[0]
    assert shop(client, password=PASSWORD, ip="198.51.100.51")[0]


def test_where_the_owner_has_come_in_nothing_of_others_counts(client, clock):
    assert shop(client, password=PASSWORD, ip="198.51.100.51")[0]
    client.logout()
    for n in range(60):
        shop(client, password="non", ip=f"10.0.{n}.9")
    for n in range(70):
        shop(client, password="non", email=f"autre{n}@exemple.fr", ip="198.51.100.77")
    clock.shift(timedelta(days=60))
    assert guess(client, shop, times=5, ip="198.51.100.51") == 5
    clock.shift(timedelta(minutes=16))
    assert shop(client, password=PASSWORD, ip="198.51.100.51")[0]


def test_a_new_password_by_e_mail_unlocks_a_source(client, clock, django_capture_on_commit_callbacks):
    guess(client, shop, times=6, ip="198.51.100.51")
    here = {"REMOTE_ADDR": "198.51.100.51"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("account_reset_password"), {"email": EMAIL}, **here)
    link = next(line for line in mail.outbox[-1].body.split() if line.startswith("http"))
    form = client.get("/" + link.split("/", 3)[3], follow=True, **here)
    new = {"password1": "encore plus solide qu’avant", "password2": "encore plus solide qu’avant"}
    client.post(form.redirect_chain[-1][0], new, **here)
    assert shop(client, password="encore plus solide qu’avant", ip="198.51.100.51")[0]


def test_others_cannot_use_up_the_owners_reset(client, clock, django_capture_on_commit_callbacks):
    """All requests get the same answer; five e-mails an hour are sent, each with a valid link."""
    with django_capture_on_commit_callbacks(execute=True):
        for n in range(12):
            answer = client.post(reverse("account_reset_password"), {"email": EMAIL}, REMOTE_ADDR=f"10.0.{n}.9")
            assert answer.url == reverse("account_reset_password_done")
        answer = client.post(reverse("account_reset_password"), {"email": EMAIL}, REMOTE_ADDR="198.51.100.51")
        assert answer.url == reverse("account_reset_password_done")
    assert len(mail.outbox) == 5
    link = next(line for line in mail.outbox[0].body.split() if line.startswith("http"))
    assert client.get("/" + link.split("/", 3)[3], follow=True).status_code == 200


class TestCodes:
    @pytest.fixture(autouse=True)
    def codes(self, owner, client):
        TOTP.activate(owner, "JBSWY3DPEHPK3PXP")
        Authenticator.objects.create(
            user=owner,
            type=Authenticator.Type.RECOVERY_CODES,
            data={"migrated_codes": ["codedesecours1", "codedesecours2", "codedesecours3"]},
        )

    def code(self, client, code, ip):
        shop(client, password=PASSWORD, ip=ip)
        return client.post(reverse("mfa_authenticate"), {"code": code}, REMOTE_ADDR=ip)

    def test_who_has_the_password_cannot_shut_the_owner_out_of_the_code(self, client, clock):
        for n in range(7):
            answer = self.code(client, f"00000{n}", "192.0.2.91")
        assert answer.status_code == 429
        assert self.code(client, "codedesecours1", "192.0.2.91").status_code == 429
        client.logout()
        assert self.code(client, "codedesecours1", "198.51.100.51").status_code == 302

    def test_the_api_counts_them_with_the_site(self, client, clock):
        data = {"email": EMAIL, "password": PASSWORD}
        there, here = at("192.0.2.91"), at("198.51.100.51")
        statuses = [there("post", "auth/login", {**data, "code": f"00000{n}"}).status_code for n in range(7)]
        assert statuses == [401] * 5 + [429] * 2
        assert self.code(client, "codedesecours1", "192.0.2.91").status_code == 429
        assert here("post", "auth/login", {**data, "code": "codedesecours2"}).status_code == 200

    def test_asked_again_for_the_password_others_do_not_count(self, client, clock):
        self.code(client, "codedesecours1", "198.51.100.51")
        for n in range(40):
            at(f"10.0.{n}.9")("post", "auth/login", {"email": EMAIL, "password": "non"})
        again = client.post(reverse("account_reauthenticate"), {"password": PASSWORD}, REMOTE_ADDR="198.51.100.51")
        assert again.status_code == 302


class TestTheOfficesPage:
    def refused(self, client, times=6):
        for _attempt in range(times):
            answer = office(client, password="non", ip="192.0.2.91")[1]
        return answer

    def test_says_how_long_and_the_way_back(self, client, clock):
        clock.move_to(timezone.datetime(2026, 11, 27, 9, 0, tzinfo=timezone.get_default_timezone()))
        self.refused(client)
        clock.shift(timedelta(minutes=3))
        answer = office(client, password=PASSWORD, ip="192.0.2.91")[1]
        page = answer.content.decode()
        assert answer.status_code == 429
        assert answer["Retry-After"] == str(12 * 60)
        assert "Réessayez dans 12 minutes, à 9 h 15." in " ".join(page.split())
        assert reverse("account_reset_password") in page
        assert reverse("admin:login") in page
        assert "Connexions" in page

    def test_in_english_for_who_reads_english(self, client, clock):
        client.cookies["django_language"] = "en"
        self.refused(client)
        answer = client.post(
            reverse("admin:login"),
            {"username": EMAIL, "password": "non"},
            REMOTE_ADDR="192.0.2.91",
            headers={"Accept-Language": "en"},
        )
        assert answer.status_code == 429

    def test_a_colleague_unlocks_a_source_by_taking_it_off_the_list(self, client, clock):
        self.refused(client)
        boss = StaffFactory(is_superuser=True)
        client.force_login(boss)
        listed = reverse("admin:axes_accessattempt_changelist")
        from axes.models import AccessAttempt

        [row] = AccessAttempt.objects.all()
        assert (row.username, row.ip_address) == (EMAIL, "192.0.2.91")
        client.post(listed, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        client.logout()
        assert office(client, password=PASSWORD, ip="192.0.2.91")[0]

    def test_the_login_page_leads_to_a_new_password(self, client):
        assert reverse("account_reset_password") in client.get(reverse("admin:login")).content.decode()


def test_vouching_for_oneself_is_no_way_to_guess_without_end(clock):
    """A colleague who may take refused logins off the list tries another’s password from their own network."""
    looked_at = 0
    for _round in range(12):
        while not guessing.begin(account=EMAIL, ip="192.0.2.91", now=timezone.now()):
            looked_at += 1
            guessing.failed(account=EMAIL, ip="192.0.2.91", now=timezone.now())
        guessing.let_try_again(account=EMAIL, ip="192.0.2.91", now=timezone.now())
    assert looked_at <= guessing.SUSPECT_AFTER + guessing.TRIES


def test_an_unknown_email_is_treated_alike(client, clock):
    for n in range(6):
        existing = shop(client, password=f"non {n}", ip="192.0.2.91")[1].status_code
        unknown = shop(client, password=f"non {n}", ip="192.0.2.91", email="personne@exemple.fr")[1].status_code
        assert existing == unknown


@pytest.mark.django_db(transaction=True)
@pytest.mark.mysql
def test_fifty_at_once_are_not_more_than_five():
    from django.db import connection

    looked_at, now = [], timezone.now()

    def once():
        if not guessing.begin(account=EMAIL, ip="192.0.2.91", now=now):
            looked_at.append(1)
        connection.close()

    threads = [threading.Thread(target=once) for _n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(looked_at) <= guessing.TRIES


def test_a_password_is_not_checked_while_a_source_waits(client, clock, settings):
    assert make_password(PASSWORD)
    guess(client, shop, times=5, ip="192.0.2.91")
    from django.contrib.auth.hashers import MD5PasswordHasher

    class Loud(MD5PasswordHasher):
        def verify(self, password, encoded):
            raise AssertionError("looked at")

    settings.PASSWORD_HASHERS = [f"{__name__}.Loud"]
    globals()["Loud"] = Loud
    assert shop(client, password=PASSWORD, ip="192.0.2.91")[1].status_code == 429
