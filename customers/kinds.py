"""客户等级调整 as the approval engine sees it (X2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext_lazy as _

from customers import tier_errors
from customers.choices import BorrowerTier
from customers.models import Customer, TierChange
from customers.querysets import ReadByRecovery
from customers.rules.tiers import (
    class_refusal,
    earned_by,
    is_above,
    submission_refusals,
    unaskable,
)
from customers.services.guards import today_of
from customers.services.tiers import apply_change
from documents import categories
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, Section, Start
from lending_crm.common.errors import DomainError
from staff.services.guards import lock_row
from workflows.kinds import Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

KIND_CODE = "tier_change"
FORM = "tier-change"
CATEGORIES = (categories.OTHER,)
_CENT = Decimal("0.01")
#: what is computed of the ledger and of the customer, frozen with the submission
_COMPUTED = (
    "from_tier",
    "earned_tier",
    "is_exception",
    "income",
    "years",
    "overdue_days",
    "figures_on",
)


class TierChangeKind(ReadByRecovery, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Customer tier adjustment")
    model = TierChange
    prefix = "DJ"
    url_name = "customers:tier_detail"
    reckons_at_submission = True
    editable_fields = ("subject", "to_tier", "reason", "remark")
    required_fields = ("to_tier",)
    sections = (
        Section(
            "adjustment",
            _("Adjustment"),
            ("subject", "customer", "from_tier", "earned_tier", "to_tier", "is_exception"),
        ),
        Section(
            "figures",
            _("What the tier is earned by"),
            ("income", "years", "overdue_days", "figures_on"),
        ),
        Section("reasons", _("Reasons"), ("reason", "remark")),
    )
    select_related = ("customer",)
    material_fields = frozenset({"to_tier", "is_exception"})
    facts = (
        Fact("to_tier", "choice", _("tier asked for"), choices=lambda: BorrowerTier.choices),
        Fact("is_exception", "boolean", _("above what is earned")),
        Fact("is_raise", "boolean", _("the tier rises")),
    )
    print_forms = {FORM: _("Customer tier adjustment")}

    def lock(self, document_id: int) -> Any:
        """The form and its customer: whoever else asks or classes the loans waits here."""
        of = ("self", "document_ptr", "customer")
        return self._load(self.queryset().select_for_update(of=of, no_key=True), document_id)

    # the draft

    def lock_origin(self, origin: Customer) -> Customer:
        return lock_row(Customer, origin.pk)

    def begin(self, origin: Customer, *, actor: Employee, now: datetime) -> Start:
        """Refuses TIR-04, TIR-05 and TIR-03; suggests what the customer has earned."""
        if reason := unaskable(origin, actor):
            raise reason
        figures = _figures(origin, "", now=now)
        earned, present = figures["earned_tier"], figures["from_tier"]
        return Start(
            party=origin.name,
            fields={
                "customer": origin,
                "to_tier": "" if earned == present else earned,
                **figures,
            },
        )

    def compute(self, document: TierChange, *, now: datetime) -> None:
        figures = _figures(document.customer, document.to_tier, now=now)
        for name, value in figures.items():
            setattr(document, name, value)

    # what the engine copies

    def party(self, document: TierChange) -> str:
        return document.customer.name

    def search_text(self, document: TierChange) -> str:
        return document.customer.search_text

    # submission

    def missing_fields(self, document: TierChange) -> list[Any]:
        """Going down takes a reason too."""
        found = super().missing_fields(document)
        goes_down = document.to_tier and is_above(document.from_tier, document.to_tier)
        if goes_down and not document.reason.strip():
            found.append(TierChange._meta.get_field("reason").verbose_name)
        return found

    def check_rules(
        self, document: TierChange, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        return list(submission_refusals(document))

    def collect_facts(self, document: TierChange, *, now: datetime) -> dict[str, FactValue]:
        to_tier = document.to_tier
        return {
            "to_tier": to_tier or None,
            "is_exception": document.is_exception,
            "is_raise": bool(to_tier and is_above(to_tier, document.from_tier)),
        }

    # life after submission

    def set_status(
        self, document: TierChange, status: str, *, case: Case | None, now: datetime
    ) -> None:
        own = TierChange.objects.filter(pk=document.pk)
        if status == WfStatus.IN_APPROVAL:
            figures = {name: getattr(document, name) for name in _COMPUTED}
            own.update(open_customer=document.customer_id, **figures)
        elif status != WfStatus.RETURNED:
            own.update(open_customer=None)
        super().set_status(document, status, case=case, now=now)

    def conclude(
        self,
        document: TierChange,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """The tier moves. Refuses what the loans no longer allow (TIR-06, TIR-07)."""
        if outcome == "REJECTED":
            return
        if reason := class_refusal(document):
            raise reason
        earned = earned_by(document.customer, day=today_of(now)).tier
        is_raise = is_above(document.to_tier, document.from_tier)
        if is_raise and not document.is_exception and is_above(document.to_tier, earned):
            raise tier_errors.earned_less_by_now(earned.label)
        apply_change(change=document, now=now)

    def followers(self, document: TierChange) -> Sequence[object]:
        """An approved tier is the customer's; another form moves it on."""
        if document.wf_status == WfStatus.APPROVED:
            return [document.customer.customer_no]
        return super().followers(document)


def _figures(customer: Customer, to_tier: str, *, now: datetime) -> dict[str, Any]:
    """Years are cut, not rounded: 1.99 years are not two."""
    day = today_of(now)
    earned = earned_by(customer, day=day)
    rises = to_tier and is_above(to_tier, customer.borrower_tier)
    return {
        "from_tier": customer.borrower_tier,
        "earned_tier": earned.tier.value,
        "is_exception": bool(rises and is_above(to_tier, earned.tier)),
        "income": earned.figures.income,
        "years": earned.figures.years.quantize(_CENT, rounding=ROUND_DOWN),
        "overdue_days": earned.figures.overdue_days,
        "figures_on": day,
    }
