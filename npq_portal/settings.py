"""Settings, each read from the environment or ``.env``; the README lists them with defaults."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from npq_portal.environment import Environment
from npq_portal.logs import configure_structlog

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment.read()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set it to a long random text, in the environment or in .env."
    )
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", cast=str.strip, default=["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", cast=str.strip, default=[])
ALLOW_HTTP = env.bool("ALLOW_HTTP", default=DEBUG)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
LOG_LEVEL = env.log_level("LOG_LEVEL", default="INFO")

INSTALLED_APPS = [
    "npq_portal.back_office",
    "npq_portal.staff",
    "outcomes",
    "declarations",
    "participants",
    "schedules",
    "npq_portal.providers",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "axes",
]

MIDDLEWARE = [
    "npq_portal.api.middleware.RequestIdMiddleware",
    "npq_portal.api.watching.WatchMiddleware",
    "npq_portal.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "npq_portal.back_office.journal.JournalMiddleware",
    "npq_portal.api.rate_limit.RateLimitMiddleware",
    "npq_portal.api.handler.ApiMiddleware",  # whatever follows is for people's pages alone
    "npq_portal.large_bodies.LargeBodiesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "npq_portal.back_office.middleware.LondonTimeMiddleware",
    "npq_portal.error_pages.NotAllowedMiddleware",
    "axes.middleware.AxesMiddleware",
    "npq_portal.faults.FaultsMiddleware",
]

ROOT_URLCONF = "npq_portal.urls"
WSGI_APPLICATION = "npq_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

SQLITE_OPTIONS = {
    # Writers queue from their first statement; without this two of them can each wait for the
    # other's lock and one is thrown out.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


POSTGRESQL_OPTIONS: dict[str, Any] = {
    "connect_timeout": env.int("DATABASE_CONNECT_TIMEOUT", default=5),
    # A server that vanished without a word is noticed within a minute.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
# A statement that is prepared is planned once, for whatever values (ADR 17).
PREPARED = {"plan_cache_mode": "force_generic_plan"}
# In seconds, and for requests alone: somebody waits for them, while a command may take its time.
REQUEST_LIMITS = {
    "statement_timeout": env.int("DATABASE_STATEMENT_TIMEOUT", default=30),
    "lock_timeout": env.int("DATABASE_LOCK_TIMEOUT", default=10),
    "idle_in_transaction_session_timeout": env.int("DATABASE_IDLE_TIMEOUT", default=60),
}
LIMIT_REQUESTS = env.bool("LIMIT_REQUESTS", default=False)  # npq_portal.wsgi says so
BEHIND_POOLER = env.bool("BEHIND_POOLER", default=False)


def postgresql(settings: dict[str, Any]) -> dict[str, Any]:
    """Return ``settings`` of a PostgreSQL with what holds unless the URL says otherwise."""
    options = POSTGRESQL_OPTIONS
    if not BEHIND_POOLER:  # which shares a session among many
        limits = {name: f"{seconds}s" for name, seconds in REQUEST_LIMITS.items()}
        session = PREPARED | (limits if LIMIT_REQUESTS else {})
        written = " ".join(f"-c {name}={value}" for name, value in session.items())
        options = {**options, "prepare_threshold": 1, "options": written}
    return {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": BEHIND_POOLER,
        **settings,
        "ENGINE": "npq_portal.postgresql",
        "OPTIONS": {**options, **settings.get("OPTIONS", {})},
    }


def database() -> dict[str, Any]:
    """Return the default database: DATABASE_URL, else SQLite beside manage.py."""
    settings = env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["OPTIONS"] = SQLITE_OPTIONS
        # Threads see each other's rows only in a file.
        settings["TEST"] = {"NAME": str(BASE_DIR / "test.sqlite3")}
        return settings
    return postgresql(settings)


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}


# How many requests there may be in five minutes; 0 is no limit.
API_RATE_LIMIT = env.int("API_RATE_LIMIT", default=1000)
API_ANONYMOUS_RATE_LIMIT = env.int("API_ANONYMOUS_RATE_LIMIT", default=min(300, API_RATE_LIMIT))

# In bytes; a file of corrections is the largest that any has (rules 14.16).
LARGEST_FORM = env.int("LARGEST_FORM", default=2_000_000)
FILE_UPLOAD_MAX_MEMORY_SIZE = LARGEST_FORM  # no file is written to the disk

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_FOLDER = Path(env.str("METRICS_FOLDER", default=str(BASE_DIR / "metrics")))
if METRICS_TOKEN and len(METRICS_TOKEN) < 32:
    raise ImproperlyConfigured(
        "METRICS_TOKEN is shorter than 32 characters. Set it to a long random text, or unset it."
    )

NOTIFY_API_KEY = env.str("NOTIFY_API_KEY", default="")
NOTIFY_TEMPLATE_ID = env.str("NOTIFY_TEMPLATE_ID", default="")
NOTIFY_BASE_URL = env.web_address(
    "NOTIFY_BASE_URL", default="https://api.notifications.service.gov.uk"
)
if NOTIFY_API_KEY and not NOTIFY_TEMPLATE_ID:
    raise ImproperlyConfigured(
        "NOTIFY_API_KEY is set, but NOTIFY_TEMPLATE_ID is not. Set it to the id of the GOV.UK"
        " Notify template with ((subject)) and ((body)), or unset the key."
    )
if NOTIFY_API_KEY and len(NOTIFY_API_KEY) < 73:
    raise ImproperlyConfigured(
        "NOTIFY_API_KEY is not a key of GOV.UK Notify, which ends with two UUIDs."
    )
# What there is without a key of Notify: messages on standard output.
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = "npq-portal@localhost"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_REDIRECT_URL = "admin:index"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5, least=1)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOGIN_LOCK_MINUTES", default=15, least=1))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "npq_portal.staff.lock_out.locked_out"
AXES_CLIENT_IP_CALLABLE = "npq_portal.addresses.client_address"
AXES_RESET_ON_SUCCESS = True
# Who tries on is not kept waiting longer than the page said.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# No more is kept or logged of people than the lock needs.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken"]

OIDC_RP_CLIENT_ID = env.str("OIDC_RP_CLIENT_ID", default="")


def sign_on(name: str) -> str:
    """Return a setting of single sign-on, which cannot be missing when there is a client id."""
    value: str = env.str(name, default="")
    if OIDC_RP_CLIENT_ID and not value:
        raise ImproperlyConfigured(f"{name} is not set. Single sign-on needs it.")
    return value


OIDC_RP_CLIENT_SECRET = sign_on("OIDC_RP_CLIENT_SECRET")
OIDC_OP_ISSUER = sign_on("OIDC_OP_ISSUER")
OIDC_OP_AUTHORIZATION_ENDPOINT = sign_on("OIDC_OP_AUTHORIZATION_ENDPOINT")
OIDC_OP_TOKEN_ENDPOINT = sign_on("OIDC_OP_TOKEN_ENDPOINT")
OIDC_OP_USER_ENDPOINT = sign_on("OIDC_OP_USER_ENDPOINT")
OIDC_OP_JWKS_ENDPOINT = sign_on("OIDC_OP_JWKS_ENDPOINT")
OIDC_OP_LOGOUT_ENDPOINT = env.str("OIDC_OP_LOGOUT_ENDPOINT", default="")
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_USE_PKCE = True
OIDC_TIMEOUT = 10
if OIDC_RP_CLIENT_ID:
    AUTHENTICATION_BACKENDS.append("npq_portal.staff.single_sign_on.SignOnBackend")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "npq_portal.formats"

# As many as a query of the length that gunicorn reads can have; what is no filter is ignored.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_096

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ROOT = BASE_DIR / "npq_portal" / "back_office" / "root"  # served at /

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not ALLOW_HTTP
SECURE_REDIRECT_EXEMPT = [r"^health/"]
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 0 if ALLOW_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not ALLOW_HTTP
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = [
    *("accelerometer", "autoplay", "camera", "display-capture", "fullscreen", "geolocation"),
    *("gyroscope", "magnetometer", "microphone", "midi", "payment", "usb"),
]
"""What browsers could do and are not to do on any page."""
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["npq_portal.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["npq_portal.api.permissions.HasToken"],
    "DEFAULT_RENDERER_CLASSES": [
        "npq_portal.api.renderers.JsonApiRenderer",
        "npq_portal.api.renderers.JsonRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "npq_portal.api.parsers.JsonApiParser",
        "npq_portal.api.parsers.JsonParser",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "npq_portal.api.negotiation.QualityNegotiation",
    "DEFAULT_PAGINATION_CLASS": "npq_portal.api.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "npq_portal.api.schema.ApiSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "npq_portal.api.exceptions.answer_exception",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "NPQ Portal",
    "DESCRIPTION": (
        "The record of training for National Professional Qualifications (NPQs). Lead providers "
        "read their participants and applications, declare milestones and record outcomes. "
        "Every request carries `Authorization: Bearer <token>`. Attributes of a body that are not "
        "described are ignored. Times are instants in UTC with `Z`; any offset is read. A trailing "
        "slash is tolerated."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_SUFFIX": "",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "ApplicationStatus": "participants.choices.ApplicationStatus",
        "DeclarationState": "declarations.choices.DeclarationState",
        "DeclarationType": "schedules.choices.DeclarationType",
        "DeferralReason": "participants.choices.DeferralReason",
        "FundingChoice": "participants.choices.FundingChoice",
        "FundingIneligibility": "participants.choices.FundingIneligibility",
        "HeadteacherStatus": "participants.choices.HeadteacherStatus",
        "OutcomeState": "outcomes.choices.OutcomeState",
        "PostableOutcomeState": "outcomes.serializers.POSTABLE_STATES",
        "TrainingStatus": "participants.choices.TrainingStatus",
        "StatementState": "declarations.choices.StatementState",
        "WithdrawalReason": "participants.choices.WithdrawalReason",
    },
    "PREPROCESSING_HOOKS": ["npq_portal.api.schema.drop_optional_slash"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "npq_portal.api.schema.share_failures",
    ],
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "npq_portal.logs.json_formatter"}},
    "handlers": {"standard_error": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["standard_error"], "level": LOG_LEVEL},
    "loggers": {
        # What these say of a request, WatchMiddleware logs of every one.
        "django.request": {"level": "CRITICAL"},
        "axes": {"level": "WARNING"},  # the rest is every step of every log-in
        # It warns with what Notify said, which may be about somebody's address.
        "notifications_python_client": {"level": "ERROR"},
    },
}
configure_structlog()
