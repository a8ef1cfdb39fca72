from django.urls import include, path
from rest_framework.routers import SimpleRouter

from staff.api.delegations import DelegationViewSet
from staff.api.views import EmployeeViewSet, MeView, NotificationViewSet

router = SimpleRouter()
router.register("employees", EmployeeViewSet, basename="employee")
router.register("delegations", DelegationViewSet, basename="delegation")
router.register("notifications", NotificationViewSet, basename="notification")

urlpatterns = [
    path("me/", MeView.as_view(), name="api_me"),
    path("", include(router.urls)),
]
