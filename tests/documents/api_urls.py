"""Addresses for the tests of the API: one kind of document, mounted as its app would."""

from django.urls import include, path

from documents.api.routes import document_routes
from tests.documents.factories import KIND

urlpatterns = [
    path("", include("documents.urls")),
    path("api/v1/", include(document_routes("test-documents", KIND))),
]
