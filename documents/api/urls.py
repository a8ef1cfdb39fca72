"""Addresses of the API that belong to no one kind of document."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from documents.api import audit, voiding

router = DefaultRouter()
router.include_root_view = False
router.register("void-requests", voiding.VoidRequestViewSet, basename="api-void-request")

urlpatterns = [
    path("cases/<int:case_id>/exports/", audit.ExportCollection.as_view(), name="api-exports"),
    path("exports/<int:export_id>/file/", audit.ExportFile.as_view(), name="api-export-file"),
    path("", include(router.urls)),
]
