from django.urls import include, path
from rest_framework.routers import SimpleRouter

from documents.api.desk import register_desk
from documents.api.routes import document_routes
from privacy.api.exports import ExportRequestViewSet
from privacy.desk import EXPORT_DESK

router = SimpleRouter()
register_desk(router, EXPORT_DESK, ExportRequestViewSet)

urlpatterns = [
    path("", include(router.urls)),
    *document_routes(EXPORT_DESK.path, EXPORT_DESK.kind_code),
]
