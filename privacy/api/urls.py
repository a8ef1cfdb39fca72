from django.urls import include, path
from rest_framework.routers import SimpleRouter

from documents.api.desk import register_desk
from documents.api.routes import document_routes
from privacy.api.exports import ExportRequestViewSet
from privacy.api.retention import LegalHoldViewSet, PrivacySettingView
from privacy.desk import EXPORT_DESK

router = SimpleRouter()
register_desk(router, EXPORT_DESK, ExportRequestViewSet)
router.register("privacy/holds", LegalHoldViewSet, basename="legal-hold")

urlpatterns = [
    path("", include(router.urls)),
    path("privacy/settings/", PrivacySettingView.as_view(), name="privacy-settings"),
    *document_routes(EXPORT_DESK.path, EXPORT_DESK.kind_code),
]
