"""Login: which apps, middleware and backends let people in, and under which limits."""

from datetime import timedelta

AUTH_APPS = ["allauth", "allauth.account", "allauth.mfa", "axes"]
AUTH_MIDDLEWARE = [
    "allauth.account.middleware.AccountMiddleware",
    "staff.middleware.IdleSessionMiddleware",
    "staff.middleware.PasswordChangeMiddleware",
    "staff.middleware.LanguageMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = [
    # First, so that a locked-out name is refused before its password is looked at.
    "axes.backends.AxesStandaloneBackend",
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "employee_no", "email", "phone")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# A session ends a working day after the login, and after two hours without a click.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_TIMEOUT = timedelta(hours=2)

ACCOUNT_ADAPTER = "staff.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "staff.forms.account.LoginForm",
    "reauthenticate": "staff.forms.account.ReauthenticateForm",
}
# Failed logins are counted by axes, which all worker processes share.
ACCOUNT_RATE_LIMITS = {"login_failed": None, "login": "120/m/ip"}

MFA_ADAPTER = "staff.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Lending CRM"
# Clocks of telephones are seldom exact; one step of 30 s to either side is let through.
MFA_TOTP_TOLERANCE = 1

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# A stranger who guesses at a name locks himself out, not the colleague elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "staff.adapters.name_that_is_tried"
AXES_LOCKOUT_CALLABLE = "staff.views.login.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
