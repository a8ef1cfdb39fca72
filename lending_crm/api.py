"""The REST API: each app brings its own addresses, all under /api/v1/."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
    path("", include("staff.api.urls")),
    path("", include("documents.api.urls")),
    path("", include("workflows.api.urls")),
    path("", include("customers.api.urls")),
    path("", include("sms.api.urls")),
    path("", include("applications.api.urls")),
    path("", include("funds.api.urls")),
    path("", include("contracts.api.urls")),
    path("", include("reports.api.urls")),
    path("", include("riskcommittee.api.urls")),
    path("", include("postloan.api.urls")),
    path("", include("issues.api.urls")),
    path("", include("resources.api.urls")),
    path("", include("privacy.api.urls")),
]
