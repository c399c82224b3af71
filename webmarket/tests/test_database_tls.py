import os
import subprocess
import sys

from django.conf import settings

PRINT = "from webmarket.settings import _database as d; print(d['OPTIONS'].get('ssl'), d['OPTIONS'].get('ssl_mode'))"


def client_options(**environment: str) -> str:
    """Options of the MySQL client from the settings of a new process."""
    own = {"DEMO": "true", "SECRET_KEY": "for-tests", "DATABASE_URL": "mysql://shop:secret@db.example/shop"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PRINT],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_CA": "", **own, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_who_gives_an_authority_has_the_servers_certificate_and_name_checked():
    assert client_options(DATABASE_CA="/etc/ca.pem") == "{'ca': '/etc/ca.pem'} VERIFY_IDENTITY"


def test_without_an_authority_there_is_no_tls_to_check():
    assert client_options() == "None None"
