from django.urls import include, path
from rest_framework.routers import SimpleRouter

from applications.api.intermediary import IntermediaryViewSet
from applications.api.views import BusinessApplicationViewSet, ProductViewSet
from applications.assessment import KIND_CODE
from applications.desks import INTERMEDIARY, RECONSIDERATIONS
from documents.api.desk import register_desk
from documents.api.routes import document_routes

router = SimpleRouter()
router.register("business-applications", BusinessApplicationViewSet, "business-application")
register_desk(router, RECONSIDERATIONS)
router.register("intermediary-applications", IntermediaryViewSet, "intermediary-applications")
router.register("products", ProductViewSet, "product")

urlpatterns = [
    path("", include(router.urls)),
    *document_routes("business-applications", KIND_CODE),
    *document_routes(RECONSIDERATIONS.path, RECONSIDERATIONS.kind_code),
    *document_routes(INTERMEDIARY.path, INTERMEDIARY.kind_code),
]
