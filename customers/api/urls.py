from django.urls import include, path
from rest_framework.routers import SimpleRouter

from customers.api.relations import PoolViewSet, RelationGraphView, ScoresView
from customers.api.views import ContactViewSet, CustomerViewSet, OpportunityViewSet

router = SimpleRouter()
router.register("customers", CustomerViewSet, basename="customer")
router.register("contacts", ContactViewSet, basename="contact")
router.register("opportunities", OpportunityViewSet, basename="opportunity")
router.register("public-pool", PoolViewSet, basename="public-pool")

urlpatterns = [
    path("customers/<int:pk>/graph/", RelationGraphView.as_view(), name="customer-graph"),
    path("customers/<int:pk>/scores/", ScoresView.as_view(), name="customer-scores"),
    path("", include(router.urls)),
]
