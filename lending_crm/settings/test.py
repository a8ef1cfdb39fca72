"""The test suite: real PostgreSQL, nothing leaves the machine, no request limits."""

from lending_crm.common.logs import logging_config

from .base import *  # noqa: F403
from .base import DATABASES, REST_FRAMEWORK

SECRET_KEY = "test-only-secret-key-of-a-length-that-django-accepts"
FIELD_ENCRYPTION_KEY = "test-only"
ALLOWED_HOSTS = ["*"]
# Many browsers keep a connection to the live server each; it keeps none to the database for them.
DATABASES["default"]["CONN_MAX_AGE"] = 0
SHOW_DESIGN_PAGE = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
STATIC_ROOT = None  # type: ignore[assignment]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"anon": None, "user": None}}
LOGGING = logging_config(as_json=False, level="ERROR")
# Tests read the dictionary when they have changed it: no statement comes in between.
DICTIONARY_MAX_AGE = None
