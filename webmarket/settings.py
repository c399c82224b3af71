"""Django settings, for development and production: all differences come from the environment.

The variables are explained in `.env.example`. Those that production requires (SECRET_KEY, and unless DEMO
ALLOWED_HOSTS, DATABASE_URL …) have no default: the start fails when one is missing.
"""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from webmarket import aws, cards, email, files, logs, replicas, rest, shop
from webmarket.admin_theme import UNFOLD as UNFOLD
from webmarket.rest import REST_FRAMEWORK as REST_FRAMEWORK
from webmarket.rest import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from webmarket.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# Defaults for a laptop or a demonstration apply only while DEMO is true.
DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.json("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEMO else environ.Env.NOTSET)
RELEASE = env.str("RELEASE", default="development")
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000" if DEMO else environ.Env.NOTSET).rstrip("/")

INSTALLED_APPS = [
    # Before unfold, whose index page it overrides.
    "apps.backoffice",
    # Without unfold's admin site: apps.backoffice has its own.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    # With apps.backoffice's own site.
    "apps.backoffice.admin_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_celery_beat",
    "django_celery_results",
    "import_export",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "simple_history",
    "treebeard",
    "apps.common",
    "apps.accounts",
    "apps.shop",
    "apps.catalogue",
    "apps.delivery",
    "apps.basket",
    "apps.orders",
    "apps.payments",
    "apps.prospects",
    "apps.comments",
    "apps.aftersales",
    "apps.invoicing",
    "apps.checkout",
    "apps.imports",
    "apps.storefront",
    "apps.api",
    "apps.operations",
    "apps.notifications",
    "webmarket",
    # After ours, whose templates restyle theirs.
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
if DEMO:
    INSTALLED_APPS.append("apps.demo")

MIDDLEWARE = [
    "apps.common.middleware.request_log.RequestLog",
    "apps.api.cached_responses.CachedResponses",
    "apps.storefront.page_cache.PageCache",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "apps.common.middleware.content_policy.ContentPolicy",
    "apps.backoffice.middleware.AdminContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "apps.common.middleware.language.LanguageByUrl",
    "apps.common.middleware.well_formed.WellFormedRequests",
    "django.middleware.common.CommonMiddleware",
    # Decides by Sec-Fetch-Site and Origin; Django's asks for its token only where a browser sends neither.
    "apps.common.middleware.cross_site_writes.CrossSiteWriteProtection",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.storefront.offered_languages.OfferedLanguages",
    "apps.storefront.before_opening.BeforeOpening",
    "webmarket.session_ended.ResendAfterLogin",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "webmarket.urls"
WSGI_APPLICATION = "webmarket.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "webmarket" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "webmarket.template_loaders.Cached",
                    ["webmarket.template_loaders.Filesystem", "webmarket.template_loaders.AppDirectories"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.storefront.context.frame",
            ],
        },
    },
    # Components that a page repeats dozens of times, in `jinja2/` of an app. Django's templates are looked for first.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "webmarket.component_templates.Components"},
    },
]

# --- Database -----------------------------------------------------------------------------------------------------
DATABASES = {
    "default": env.db(
        "DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'webmarket.sqlite3'}" if DEMO else environ.Env.NOTSET
    )
}
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
_database["CONN_HEALTH_CHECKS"] = True
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        # A transaction takes the write lock when it begins: a second writer waits instead of failing half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
    }
else:
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        # MySQL's default of 50 seconds is longer than a request may take; apps.common.transactions retries.
        "init_command": "SET sql_mode='TRADITIONAL', innodb_lock_wait_timeout=7",
    }
    if env.str("DATABASE_CA", default=""):
        _database["OPTIONS"]["ssl"] = {"ca": env.str("DATABASE_CA")}
        # With `ca` alone the client of Debian 13 accepts any certificate: it does not verify the server's identity.
        _database["OPTIONS"]["ssl_mode"] = "VERIFY_IDENTITY"
# Read replicas, and what may be read from them (apps/common/replicas.py): the catalogue's pages, exports and the data
# lake. What is not named here is never read from one, wherever it is asked for.
_replicas = replicas.databases(env.list("DATABASE_REPLICA_URLS", default=[]), primary=_database)
DATABASES |= _replicas
REPLICAS = [alias for alias in _replicas if not alias.endswith("_long")]
REPLICA_APPS = frozenset({"catalogue", "comments", "delivery", "orders", "payments"})
REPLICA_HEARTBEAT = "apps.operations.planned.lease.age"
DATABASE_ROUTERS = ["apps.common.replicas.Router"] if REPLICAS else []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# One cache for all processes and instances. It may lose entries at any time: rate limits and used captchas have tables
# of their own (apps/common/models.py). Pages are cached in process memory instead.
CACHES = {
    "default": {
        "BACKEND": "apps.common.json_cache.JsonDatabaseCache",
        "LOCATION": "common_cache",
        # Earlier releases pickled: the prefix keeps both from reading each other's entries while they run together.
        "KEY_PREFIX": "json",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Language and time --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("Français")), ("en", _("Anglais"))]
LOCALE_PATHS = [BASE_DIR / "webmarket" / "locale"]
FORMAT_MODULE_PATH = "webmarket.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"
USE_THOUSAND_SEPARATOR = False

# --- People -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# allauth's conditional unique constraints, which MySQL does not support; User.email is unique anyway. A test fails when
# our own models use one.
SILENCED_SYSTEM_CHECKS = ["models.W036"]
ACCOUNT_ADAPTER = "apps.storefront.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "apps.storefront.forms.sign_in.ChangeEmailForm",
    "change_password": "apps.storefront.forms.sign_in.ChangePasswordForm",
    "login": "apps.storefront.forms.sign_in.LoginForm",
    "reauthenticate": "apps.storefront.forms.sign_in.ReauthenticateForm",
    "reset_password": "apps.storefront.forms.sign_in.ResetPasswordForm",
    "reset_password_from_key": "apps.storefront.forms.sign_in.NewPasswordForm",
    "signup": "apps.storefront.forms.sign_in.SignupForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    # apps.accounts.guessing limits wrong passwords and codes. allauth's own limit is per account, so that anybody could
    # lock its owner out.
    "login_failed": None,
    # Not per e-mail address, for the same reason. The form limits how many e-mails are sent.
    "reset_password": "20/m/ip",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.partition(":")[0]
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "activate_totp": "apps.storefront.forms.sign_in.ActivateAppForm",
    "authenticate": "apps.storefront.forms.sign_in.CodeForm",
    "reauthenticate": "apps.storefront.forms.sign_in.CodeAgainForm",
    "add_webauthn": "apps.storefront.forms.sign_in.AddKeyForm",
    "edit_webauthn": "apps.storefront.forms.sign_in.EditKeyForm",
}
MFA_ADAPTER = "apps.storefront.adapter.SecondFactorAdapter"
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers support passkeys over HTTPS and on localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO
# Number of proxies whose X-Forwarded-For is trusted: 1 behind a load balancer, 2 with a CDN before it.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "storefront:account"
LOGOUT_REDIRECT_URL = "storefront:home"
# apps.accounts.guessing limits wrong passwords for every login, by account and network. axes only stores the list of
# logins that the back office has refused, and its middleware shows our page; it counts nothing and locks nobody out.
AXES_HANDLER = "apps.accounts.lockout.AdminLockout"
AXES_CLIENT_IP_CALLABLE = "apps.accounts.lockout.client_ip"
# The name of the admin form's field; by default axes would look for the user model's "email" and find nothing.
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCK_OUT_AT_FAILURE = False
AXES_LOCKOUT_CALLABLE = "apps.backoffice.login.locked_out"
# The list's retention is that of `accounts.retention`.
AXES_COOLOFF_TIME = None
AXES_USERNAME_CALLABLE = "apps.accounts.lockout.username"

# --- Cache of anonymous pages in each process's memory ------------------------------------------------------------
PAGE_CACHE = env.bool("PAGE_CACHE", default=True)
PAGE_CACHE_BYTES = env.int("PAGE_CACHE_BYTES", default=32 * 1024 * 1024)

# --- Files --------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
_region = env.str("AWS_REGION", default="eu-west-3")
FILES_BUCKET = env.str("AWS_STORAGE_BUCKET_NAME", default="")
FILES_ORIGIN = files.origin(env, bucket=FILES_BUCKET, region=_region)
UPLOADS_ORIGIN = files.uploads_origin(env, bucket=FILES_BUCKET, region=_region)
STORAGES = files.storages(env, bucket=FILES_BUCKET, region=_region, var_dir=VAR_DIR)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# Largest multipart request, with its files; nginx has the same limit.
UPLOAD_MAX_BYTES = 64 * 1024 * 1024

# --- Who the shop is ------------------------------------------------------------------------------------------------
SHOP_IDENTITY = "apps.shop.identity.current"
# Names of the variables, for who reads in the back office that one of them wins.
SHOP_VARIABLES = {key: fact.variable for key, fact in shop.FACTS.items()}
SHOP_FROM_ENVIRONMENT = shop.from_environment(env, demo=DEMO)
SHOP_INVENTED = shop.invented(demo=DEMO)

# --- E-mail -------------------------------------------------------------------------------------------------------
vars().update(email.settings(env, folder=VAR_DIR / "mail", demo=DEMO))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = shop.default_sender(SHOP_FROM_ENVIRONMENT, demo=DEMO, site_url=SITE_URL)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Tasks --------------------------------------------------------------------------------------------------------
# With a host, because kombu warns when a URL has none.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://localhost" if DEMO else environ.Env.NOTSET)
CELERY_BROKER_TRANSPORT_OPTIONS = aws.broker_options(CELERY_BROKER_URL, env, region=_region, var_dir=VAR_DIR)
# Web hosts send to both queues; only workers of `operations` have rights in AWS.
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_QUEUES = [Queue(name) for name in aws.QUEUES]
CELERY_TASK_ROUTES = {"operations.*": {"queue": "operations"}}
CELERY_TASK_IGNORE_RESULT = True
# Acknowledged after the task: the message of a worker that dies is delivered again.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 900
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "apps.operations.planned.scheduler:LeasedScheduler"
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# SQS has no broadcast, which remote control needs.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
OPERATIONS = aws.operations(env, region=_region, var_dir=VAR_DIR)

# --- Security -----------------------------------------------------------------------------------------------------
# Plain HTTP is for a laptop only; behind the load balancer everything is HTTPS.
SECURE_TRANSPORT = env.bool("SECURE_TRANSPORT", default=not DEMO)
SECURE_SSL_REDIRECT = SECURE_TRANSPORT
SECURE_REDIRECT_EXEMPT = [r"^(api/)?health"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_TRANSPORT else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_TRANSPORT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_TRANSPORT
SECURE_HSTS_PRELOAD = SECURE_TRANSPORT
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# Browsers accept this prefix only from this host, over HTTPS and for the whole site (RFC 6265bis, 4.1.3.2).
_cookie = "__Host-" if SECURE_TRANSPORT else ""
SESSION_ENGINE = "apps.accounts.sessions"
SESSION_COOKIE_NAME = f"{_cookie}sessionid"
SESSION_COOKIE_SECURE = SECURE_TRANSPORT
CSRF_COOKIE_NAME = f"{_cookie}csrftoken"
CSRF_COOKIE_SECURE = SECURE_TRANSPORT
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "apps.storefront.views.errors.write_refused"
CSRF_TRUSTED_ORIGINS = env.list("TRUSTED_ORIGINS", default=[])
LANGUAGE_COOKIE_NAME = f"{_cookie}django_language"
BASKET_COOKIE_NAME = f"{_cookie}panier"
ORDERS_COOKIE_NAME = f"{_cookie}commandes"
LANGUAGE_COOKIE_SECURE = SECURE_TRANSPORT
X_FRAME_OPTIONS = "DENY"
_files = [FILES_ORIGIN] if FILES_ORIGIN else []
# Origins of payment providers' hosted pages. Browsers apply form-action to redirects after a form too.
PAYMENT_ORIGINS = env.list("PAYMENT_ORIGINS", default=[])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF, *_files],
        "img-src": [SELF, "data:", *_files],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *PAYMENT_ORIGINS],
    }
}

# --- The API for programs -----------------------------------------------------------------------------------------
SPECTACULAR_SETTINGS["SERVERS"] = [{"url": SITE_URL}]
SIMPLE_JWT = rest.tokens(SECRET_KEY)
API_FORMER_SIGNING_KEYS = [rest.signing_key(key) for key in SECRET_KEY_FALLBACKS]
# Proof of work on our own server; Google's only with a key, and with the visitor's consent.
RECAPTCHA_SECRET = env.str("RECAPTCHA_SECRET", default="")
CAPTCHA_PROVIDERS = ["apps.common.captcha.altcha.Altcha"]
if RECAPTCHA_SECRET:
    CAPTCHA_PROVIDERS.append("apps.common.captcha.recaptcha.Recaptcha")
API_MAX_BODY_BYTES = 64 * 1024
# Origins of other sites whose pages may call the API; without our cookies.
CORS_ALLOWED_ORIGINS = env.list("API_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [
    *("accept", "accept-language", "authorization", "content-type", "idempotency-key", "x-api-key", "x-edit-token")
]
CORS_EXPOSE_HEADERS = ["retry-after", "x-ignored-fields", "x-last-write-wins"]

# --- Exports from the admin ---------------------------------------------------------------------------------------
# The right to view a list is the right to export it; a customer's « =HYPERLINK(…) » is exported as text.
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

# --- Logs ---------------------------------------------------------------------------------------------------------
LOGGING = logs.configure(readable=DEMO, level=env.str("LOG_LEVEL", default="INFO"), release=RELEASE)
# Slower requests and SQL statements are logged.
SLOW_REQUEST_SECONDS = env.float("SLOW_REQUEST_SECONDS", default=1.0)
SLOW_QUERY_SECONDS = env.float("SLOW_QUERY_SECONDS", default=0.5)

# --- The shop ------------------------------------------------------------------------------------------------------
# Means of payment, in the order shoppers see them.
PAYMENT_GATEWAYS = [
    "apps.payments.gateways.bank_transfer.BankTransfer",
    "apps.payments.gateways.on_collection.OnCollection",
]
if DEMO:
    PAYMENT_GATEWAYS.insert(0, "apps.demo.bank.DemoCard")
STRIPE = cards.keys(env)
if STRIPE.secret:
    PAYMENT_GATEWAYS.insert(0, "apps.payments.gateways.stripe.Stripe")
# When a card is charged, at the "order" or at "dispatch" (apps/payments/services/record.py).
CARD_CAPTURE = env.str("CARD_CAPTURE", default="order")
# What makes an invoice due, "payment" or "delivery" (apps/invoicing/moment.py).
INVOICE_AT = env.str("INVOICE_AT", default="payment")
# Where sales are declared: the port of apps/invoicing/platforms/base.py.
INVOICE_PLATFORM = "apps.invoicing.platforms.files.Files"
# The text that a prospect agrees to; a changed text gets a new version.
PROSPECT_CONSENT_VERSION = "2026-11"
BASKET_LIFETIME = timedelta(days=90)
