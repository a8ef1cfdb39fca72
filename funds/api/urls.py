from django.urls import include, path
from rest_framework.routers import SimpleRouter

from funds.api.views import LoanViewSet, RepaymentViewSet

router = SimpleRouter()
router.register("loans", LoanViewSet, "loan")
router.register("repayments", RepaymentViewSet, "repayment")

urlpatterns = [path("", include(router.urls))]
