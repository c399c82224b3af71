"""The shop's settings with a test environment; DATABASE_URL of the process's environment overrides."""

import os

os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")
os.environ["DEMO"] = "true"
os.environ["SECRET_KEY"] = "only for tests"
os.environ["EMAIL_URL"] = "memorymail://"
os.environ["CELERY_BROKER_URL"] = "memory://"

from webmarket.settings import *  # noqa: F403
from webmarket.settings import CAPTCHA_PROVIDERS, DATABASES, VAR_DIR

if DATABASES["default"]["ENGINE"] == "django.db.backends.mysql":
    DATABASES["default"]["ENGINE"] = "webmarket.tests.databases.mysql"
else:
    DATABASES["default"]["ENGINE"] = "webmarket.tests.databases.sqlite"
    # Named, because pytest-django takes the database of another backend than Django's own for a file.
    name = ":memory:"
    if os.environ.get("TEST_DATABASE_ON_DISK"):
        VAR_DIR.mkdir(exist_ok=True)
        name = str(VAR_DIR / "test.sqlite3")
    DATABASES["default"]["TEST"] = {"NAME": name}

# Nothing collected: each test client would read the whole folder that `make run` has filled.
STATIC_ROOT = None
CAPTCHA_PROVIDERS = ["apps.common.tests.captcha.Scripted", *CAPTCHA_PROVIDERS]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "documents": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
