"""The login pages that this product offers; for ``path("accounts/", include(…))``.

Not ``allauth.urls``: signing up, managing e-mail addresses and resetting a password by
e-mail are no ways into a lender's system; the information administrator does these.
"""

from django.urls import include, path

from allauth.account import views

from staff.views import profile

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", profile.password, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
]
