from django.urls import include, path
from rest_framework.routers import SimpleRouter

from customers.api.imports import ImportViewSet
from customers.api.relations import PoolViewSet, RelationGraphView, ScoresView
from customers.api.views import ContactViewSet, CustomerViewSet, OpportunityViewSet
from customers.desk import TIER_DESK
from documents.api.desk import register_desk
from documents.api.routes import document_routes

router = SimpleRouter()
router.register("customers", CustomerViewSet, basename="customer")
router.register("contacts", ContactViewSet, basename="contact")
router.register("opportunities", OpportunityViewSet, basename="opportunity")
router.register("customer-imports", ImportViewSet, basename="customer-import")
router.register("public-pool", PoolViewSet, basename="public-pool")
register_desk(router, TIER_DESK)

urlpatterns = [
    path("customers/<int:pk>/graph/", RelationGraphView.as_view(), name="customer-graph"),
    path("customers/<int:pk>/scores/", ScoresView.as_view(), name="customer-scores"),
    path("", include(router.urls)),
    *document_routes(TIER_DESK.path, TIER_DESK.kind_code),
]
