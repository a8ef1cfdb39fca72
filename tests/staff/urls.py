"""Only this app's addresses, so that its pages are tested without the other apps."""

from django.http import HttpResponse
from django.urls import include, path

handler400 = "lending_crm.common.problems.bad_request"
handler403 = "lending_crm.common.problems.permission_denied"
handler404 = "lending_crm.common.problems.page_not_found"
handler500 = "lending_crm.common.problems.server_error"

urlpatterns = [
    path("", lambda request: HttpResponse("home")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("staff.account_urls")),
    path("api/v1/", include("staff.api.urls")),
    path("", include("staff.urls")),
]
