import os
import secrets
from io import StringIO
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from apps.accounts.first_account import owner_exists
from apps.catalogue.models import Product
from webmarket import translations

STAFF_EMAIL = "equipe@webmarket.example"
STAFF_LOGIN = settings.VAR_DIR / "demo-staff-login"


class Command(BaseCommand):
    help = "Make a checkout ready to run: database, translations, static files and, with DEMO, a shop to look at."

    def handle(self, **options):
        self.step("Bringing the database and the staff groups up to date")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("sync_groups", stdout=StringIO())
        self.step("Compiling the translations")
        translations.compile_all()
        self.step("Collecting static files")
        call_command("collectstatic", interactive=False, verbosity=0)
        if settings.DEMO:
            if not Product.objects.exists():
                self.step("Filling the shop with the demo catalogue")
                call_command("load_demo_shop", without_illustrations=True, stdout=self.stdout)
            self.step("Keeping the demo staff login in var/")
            make_staff_login()
        elif not owner_exists():
            self.step("Making a link to the owner's account")
            call_command("create_owner", stdout=self.stdout)

    def step(self, text: str) -> None:
        self.stdout.write(f"{text} …")
        self.stdout.flush()


def make_staff_login() -> None:
    """A member of staff who may do everything, with a generated password in a file only its owner reads.

    Repeating keeps the password that the file holds.
    """
    password = STAFF_LOGIN.read_text().split()[-1] if STAFF_LOGIN.exists() else secrets.token_urlsafe(12)
    users = get_user_model().objects
    staff = users.filter(email=STAFF_EMAIL).first() or users.create_superuser(STAFF_EMAIL, first_name="Équipe")
    if not staff.check_password(password):
        staff.set_password(password)
        staff.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(user=staff, email=STAFF_EMAIL, defaults={"verified": True, "primary": True})
    write_private(STAFF_LOGIN, f"{STAFF_EMAIL}  {password}\n")


def write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
