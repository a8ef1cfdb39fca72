"""Where each app's pages hang; the words of the addresses are the app's own."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from lending_crm.common import health

handler400 = "lending_crm.common.problems.bad_request"
handler403 = "lending_crm.common.problems.permission_denied"
handler404 = "lending_crm.common.problems.page_not_found"
handler500 = "lending_crm.common.problems.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("staff.account_urls")),
    path("api/v1/", include("lending_crm.api")),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics, name="metrics"),
    path("list-exports/", include("lending_crm.common.exports.urls")),
    path("", include("reports.urls")),
    path("", include("privacy.urls")),
    path("", include("issues.urls")),
    path("", include("postloan.urls")),
    path("", include("resources.urls")),
    path("", include("funds.urls")),
    path("", include("contracts.urls")),
    path("committee/", include("riskcommittee.urls")),
    path("", include("applications.urls")),
    path("", include("sms.urls")),
    path("", include("customers.urls")),
    path("", include("documents.urls")),
    path("", include("workflows.urls")),
    path("", include("staff.urls")),
]

if settings.SHOW_DESIGN_PAGE:
    urlpatterns.append(path("design/", include("lending_crm.common.design.urls")))
