"""Development and the demo: `make run` and every command without other settings use this."""

from .base import *  # noqa: F403
from .base import DATABASES, FIELD_ENCRYPTION_KEY, SECRET_KEY, VAR_DIR, env

# Off unless asked for, so that people who try the product see its own error pages.
DEBUG = env.bool("DEBUG", default=False)
SHOW_DESIGN_PAGE = True
SECRET_KEY = SECRET_KEY or "local-development-only-never-use-this-key-on-a-server"
FIELD_ENCRYPTION_KEY = FIELD_ENCRYPTION_KEY or "local-development-only-field-encryption-key"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *env.list("ALLOWED_HOSTS", default=[])]

# `make run` leaves the address of its embedded server here, so that a second shell finds it.
_address = VAR_DIR / "database-url"
if "DATABASE_URL" not in env.ENVIRON and _address.exists():
    _found = env.db_url_config(_address.read_text().strip())
    _found["OPTIONS"] = {**_found.get("OPTIONS", {}), **DATABASES["default"]["OPTIONS"]}
    DATABASES["default"].update(_found)

STATIC_ROOT = None  # type: ignore[assignment]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
EMAIL_BACKEND = "staff.mail.FileBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
COMPANY_NAME = COMPANY_NAME or "北方汇银"
