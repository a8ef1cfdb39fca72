"""Settings that hold everywhere; local, test and production change what they must.

Every variable that an operator may set is listed in docs/operators/configuration.md.
"""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

import environ

from lending_crm.common.logs import logging_config

from .auth import *  # noqa: F403
from .auth import AUTH_APPS, AUTH_MIDDLEWARE
from .enum_names import ENUM_NAMES

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env("LENDING_VAR_DIR", default=str(BASE_DIR / "var")))

DEBUG = False
SECRET_KEY = env("SECRET_KEY", default="")
FIELD_ENCRYPTION_KEY = env("FIELD_ENCRYPTION_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
SHOW_DESIGN_PAGE = False

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.admin",
    *AUTH_APPS,
    "viewflow",
    "viewflow.workflow",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_htmx",
    "django_filters",
    "django_prometheus",
    "csp",
    "rules",
    "pgtrigger",
    "lending_crm.common",
    "staff",
    "workflows",
    "documents",
    "customers",
    "sms",
    "applications",
    "funds",
    "contracts",
    "resources",
    "riskcommittee",
    "postloan",
    "issues",
    "privacy",
    "reports",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "lending_crm.common.middleware.ClientAddressMiddleware",
    "lending_crm.common.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    *AUTH_MIDDLEWARE,
    # Before any view middleware reads the body, after those that the error pages need.
    "lending_crm.common.middleware.RequestSizeMiddleware",
    "lending_crm.common.middleware.RefusalMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "lending_crm.urls"
WSGI_APPLICATION = "lending_crm.wsgi.application"
CSRF_FAILURE_VIEW = "lending_crm.common.problems.csrf_failure"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lending_crm.common.context.page",
            ],
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL", default="postgres:///lending")}
# A lock is waited for two seconds at most, then the user is told to try again (engine spec 7).
# Pages ask for few rows of large tables by their keys, on disks without a moving head. Compiling
# a plan and starting helpers for it takes longer than such a statement. A merge join hopes to stop
# early and walks a whole table where a reader has no row at all. What is read through a
# cursor is read to its end.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
    "-c lock_timeout=2000 -c random_page_cost=1.1 -c jit=off -c max_parallel_workers_per_gather=0"
    " -c enable_mergejoin=off -c cursor_tuple_fraction=1"
)
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["TEST"] = {
    "NAME": env("TEST_DATABASE_NAME", default=None),
    "TEMPLATE": env("TEST_DATABASE_TEMPLATE", default=None),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}

AUTH_USER_MODEL = "staff.Employee"
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
# Ids and versions in addresses and forms are numbers too; what people read groups by itself.
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "lending_crm.common.staticfiles.UsedAppsFinder",
]
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_ROOT = VAR_DIR / "media"

# A file may hold 50 MB (domain.md M9); the rest is the form around it. Files above 2.5 MB are
# streamed to disk. Text fields together may hold 12 MB: more is refused before it is parsed.
MAX_REQUEST_BYTES = 52 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 50

# How many proxies of our own stand in front and add to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# Attachments are previewed in a frame of our own page.
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # The token comes first: its challenge makes a missing login a 401, not a 403.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "lending_crm.common.api.BoundedJSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env("API_RATE_ANONYMOUS", default="30/min"),
        "user": env("API_RATE_USER", default="1200/min"),
    },
    "EXCEPTION_HANDLER": "lending_crm.common.problems.api_exception_handler",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Lending CRM",
    "DESCRIPTION": (
        "The same services and rules as the pages. A refusal is `application/problem+json` "
        "with the codes of the message catalogue."
    ),
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
    "DEFAULT_GENERATOR_CLASS": "lending_crm.common.api_description.DescriptionGenerator",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "lending_crm.common.api.describe_problems",
    ],
}

#: seconds after which a process asks whether words of the dictionary have changed
DICTIONARY_MAX_AGE: int | None = 30

# The broker carries only hints to look: the outbox table and the timers are the truth.
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="filesystem://")
if CELERY_BROKER_URL.startswith("filesystem:"):
    _folder = VAR_DIR / "broker"
    CELERY_BROKER_TRANSPORT = "lending_crm.common.file_broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_folder / "messages"),
        "data_folder_out": str(_folder / "messages"),
        "control_folder": str(_folder / "control"),
    }
#: The lender's name on print-outs; empty: the name of its head office.
COMPANY_NAME = env("COMPANY_NAME", default="")

CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A tick that waited longer than its period is worthless: the next one looks at the same rows.
CELERY_BEAT_SCHEDULE = {
    "outbox": {
        "task": "lending_crm.common.tasks.dispatch_outbox",
        "schedule": 2,
        "options": {"expires": 10},
    },
    "stage-durations": {
        "task": "workflows.tasks.refresh_durations",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    "engine-runs": {
        "task": "workflows.tasks.continue_runs",
        "schedule": 5,
        "options": {"expires": 10},
    },
    "timers": {
        "task": "workflows.tasks.ring_timers",
        "schedule": 5,
        "options": {"expires": 20},
    },
    "unattended-stages": {
        "task": "workflows.tasks.stop_unattended_stages",
        "schedule": 5 * 60,
        "options": {"expires": 4 * 60},
    },
    # Every hour, not at midnight: a machine that sleeps then must not skip the day.
    "approvals-expiry": {
        "task": "applications.tasks.expire_approvals",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    # Every hour as well, for handovers that carry themselves out on their day.
    "handovers-due": {
        "task": "resources.tasks.execute_due",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    # Every hour too; each loan is counted once a day.
    "loans-overdue": {
        "task": "funds.tasks.count_overdue",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    "ledger-totals": {
        "task": "funds.tasks.fold_totals",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    # Every hour for the same reason; each reminder leaves once.
    "supervision-reminders": {
        "task": "postloan.tasks.remind_of_supervision",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    "delegations": {
        "task": "staff.tasks.tend_delegations",
        "schedule": 30,
        "options": {"expires": 60},
    },
    "opportunity-warnings": {
        "task": "customers.tasks.warn_of_stalled_opportunities",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    # Every hour for the reason given above; on the same day the later runs find nothing to do.
    "prospect-grades": {
        "task": "customers.tasks.grade_prospects",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    "export-cleaning": {
        "task": "documents.tasks.forget_exports",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    # Every hour within the day: what was sent once is not sent again, what failed is made good.
    "sms-reminders": {
        "task": "sms.tasks.send_due_reminders",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    "sms-birthdays": {
        "task": "sms.tasks.send_birthday_greetings",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    "sms-cleaning": {
        "task": "sms.tasks.forget_old_messages",
        "schedule": 24 * 60 * 60,
        "options": {"expires": 60 * 60},
    },
    "list-export-cleaning": {
        "task": "lending_crm.common.tasks.forget_list_exports",
        "schedule": 60 * 60,
        "options": {"expires": 30 * 60},
    },
    # Once a day: a period of years does not end by the hour.
    "anonymising": {
        "task": "privacy.tasks.anonymise_due_customers",
        "schedule": 24 * 60 * 60,
        "options": {"expires": 60 * 60},
    },
    "outbox-cleaning": {
        "task": "lending_crm.common.tasks.forget_delivered_messages",
        "schedule": 24 * 60 * 60,
        "options": {"expires": 60 * 60},
    },
    "sessions-cleaning": {
        "task": "lending_crm.common.tasks.forget_expired_sessions",
        "schedule": 24 * 60 * 60,
        "options": {"expires": 60 * 60},
    },
}

OUTBOX_BATCH = 50
OUTBOX_MAX_ATTEMPTS = 8
OUTBOX_KEEP_DAYS = 30
# healthz calls the outbox late when the oldest due message waits longer than this (seconds).
OUTBOX_LATE_AFTER = 120

# Timers of the approval engine: how many at a time, and after how many failures one is parked.
TIMERS_BATCH = 500
TIMERS_A_TICK = 5000
TIMERS_MAX_ATTEMPTS = 6

#: ``console`` (nothing leaves), ``http``, or the path of a class; see docs/operators/sms.md
SMS_GATEWAY = env("SMS_GATEWAY", default="console")
SMS_HTTP = {
    "URL": env("SMS_HTTP_URL", default=""),
    "HEADERS": env.json("SMS_HTTP_HEADERS", default={}),
    "BODY": env(
        "SMS_HTTP_BODY", default='{"mobile": $number, "content": $text, "reference": $reference}'
    ),
    "ID_FIELD": env("SMS_HTTP_ID_FIELD", default="id"),
    "CODE_FIELD": env("SMS_HTTP_CODE_FIELD", default="code"),
    "OK_CODES": env.list("SMS_HTTP_OK_CODES", default=["0"]),
    "DUPLICATE_CODES": env.list("SMS_HTTP_DUPLICATE_CODES", default=[]),
    "SECRET": env("SMS_HTTP_SECRET", default=""),
    "TIMEOUT": env.int("SMS_HTTP_TIMEOUT", default=10),
}
#: by which the calls of the gateway are known; empty: none is accepted
SMS_WEBHOOK_SECRET = env("SMS_WEBHOOK_SECRET", default="")

DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="lending-crm@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where e-mails point to: the worker that writes them sees no request.
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000")
EMAIL_TIMEOUT = 10
METRICS_TOKEN = env("METRICS_TOKEN", default="")

LOGGING = logging_config(as_json=False, level=env("LOG_LEVEL", default="INFO"))

PGTRIGGER_INSTALL_ON_MIGRATE = True
