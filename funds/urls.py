"""资金划拨, 退息、免息, 返点, 借据台账, 还款登记, reports and settings of the ledger."""

from django.urls import path

from documents.views.desk import desk_urls
from funds.desks.rebate import REBATE_DESK
from funds.desks.relief import RELIEF_DESK
from funds.desks.transfer import TRANSFER_DESK
from funds.views import fees, imports, loans, payments, repayments, reports, transfers, write_offs

app_name = "funds"

urlpatterns = [
    *desk_urls(TRANSFER_DESK),
    *desk_urls(RELIEF_DESK),
    *desk_urls(REBATE_DESK),
    *(
        path(
            f"{desk.path}/<int:pk>/receipt/",
            payments.receipt,
            {"desk": desk},
            name=f"{desk.name}_receipt",
        )
        for desk in (TRANSFER_DESK, RELIEF_DESK, REBATE_DESK)
    ),
    path("interest-reliefs/<int:pk>/pay/", payments.refund, name="relief_pay"),
    path("rebates/<int:pk>/pay/", payments.rebate, name="rebate_pay"),
    path("fund-transfers/<int:pk>/execute/", transfers.execute, name="transfer_execute"),
    path("fund-transfers/<int:pk>/fail/", transfers.fail, name="transfer_fail"),
    path("fund-transfers/<int:pk>/reverse/", transfers.reverse, name="transfer_reverse"),
    path("loans/", loans.list_page, name="loan-list"),
    path("loans/<int:pk>/", loans.detail, name="loan-detail"),
    path("loans/<int:pk>/records/", loans.records, name="loan-records"),
    path("loans/<int:pk>/related/", loans.related, name="loan-related"),
    path("loans/<int:pk>/settlement/", loans.settlement, name="settlement"),
    path("loans/<int:pk>/schedule/print/", loans.print_page, name="print-schedule"),
    path("loans/<int:pk>/write-off/", write_offs.propose, name="write-off"),
    path("loans/<int:pk>/write-off/book/", write_offs.book, name="write-off-book"),
    path("loans/<int:pk>/write-off/drop/", write_offs.drop, name="write-off-drop"),
    path("loans/<int:pk>/class/", loans.classify, name="classify"),
    path("loans/<int:pk>/repayments/new/", repayments.new, name="repayment-new"),
    path("loans/<int:pk>/repayments/preview/", repayments.preview, name="repayment-preview"),
    path("loans/<int:pk>/fees/new/", fees.charge, name="fee-new"),
    path("fees/<int:pk>/reverse/", fees.reverse, name="fee-reverse"),
    path("repayments/<int:pk>/reverse/", repayments.reverse, name="repayment-reverse"),
    path("repayments/import/", imports.upload, name="import"),
    path("repayments/import/<int:pk>/", imports.detail, name="import-detail"),
    path("repayments/import/<int:pk>/book/", imports.book, name="import-book"),
    path("ledger/trial-balance/", reports.trial_balance, name="trial-balance"),
    path("ledger/arrears/", reports.arrears, name="arrears"),
    path("ledger/provisions/", reports.provisions, name="provisions"),
    path("settings/ledger/", reports.settings, name="settings"),
    path("settings/ledger/tiers/", reports.tiers, name="tiers"),
]
