from django.urls import include, path
from rest_framework.routers import SimpleRouter

from customers.api.views import ContactViewSet, CustomerViewSet, OpportunityViewSet

router = SimpleRouter()
router.register("customers", CustomerViewSet, basename="customer")
router.register("contacts", ContactViewSet, basename="contact")
router.register("opportunities", OpportunityViewSet, basename="opportunity")

urlpatterns = [path("", include(router.urls))]
