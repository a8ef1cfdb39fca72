from django.urls import include, path
from rest_framework.routers import SimpleRouter

from documents.api.desk import register_desk
from documents.api.routes import document_routes
from funds.api.payments import RebateViewSet, ReliefViewSet
from funds.api.transfers import TransferViewSet
from funds.api.views import LoanViewSet, RepaymentViewSet
from funds.desks.rebate import REBATE_DESK
from funds.desks.relief import RELIEF_DESK
from funds.desks.transfer import TRANSFER_DESK

router = SimpleRouter()
router.register("loans", LoanViewSet, "loan")
router.register("repayments", RepaymentViewSet, "repayment")
register_desk(router, TRANSFER_DESK, TransferViewSet)
register_desk(router, RELIEF_DESK, ReliefViewSet)
register_desk(router, REBATE_DESK, RebateViewSet)

urlpatterns = [
    path("", include(router.urls)),
    *document_routes(TRANSFER_DESK.path, TRANSFER_DESK.kind_code),
    *document_routes(RELIEF_DESK.path, RELIEF_DESK.kind_code),
    *document_routes(REBATE_DESK.path, REBATE_DESK.kind_code),
]
