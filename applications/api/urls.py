from django.urls import include, path
from rest_framework.routers import SimpleRouter

from applications.api.views import BusinessApplicationViewSet, ProductViewSet
from applications.assessment import KIND_CODE
from documents.api.routes import document_routes

router = SimpleRouter()
router.register("business-applications", BusinessApplicationViewSet, "business-application")
router.register("products", ProductViewSet, "product")

urlpatterns = [
    path("", include(router.urls)),
    *document_routes("business-applications", KIND_CODE),
]
