"""Addresses of the API that belong to a case, whatever its kind of document."""

from django.urls import path

from documents.api import audit

urlpatterns = [
    path("cases/<int:case_id>/exports/", audit.ExportCollection.as_view(), name="api-exports"),
    path("exports/<int:export_id>/file/", audit.ExportFile.as_view(), name="api-export-file"),
]
