from django.urls import include, path
from rest_framework.routers import SimpleRouter

from documents.api.desk import register_desk
from documents.api.routes import document_routes
from funds.api.transfers import TransferViewSet
from funds.api.views import LoanViewSet, RepaymentViewSet
from funds.desks.transfer import TRANSFER_DESK

router = SimpleRouter()
router.register("loans", LoanViewSet, "loan")
router.register("repayments", RepaymentViewSet, "repayment")
register_desk(router, TRANSFER_DESK, TransferViewSet)

urlpatterns = [
    path("", include(router.urls)),
    *document_routes(TRANSFER_DESK.path, TRANSFER_DESK.kind_code),
]
