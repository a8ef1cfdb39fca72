"""What the pages and the other apps ask about applications; reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import get_language

from applications.assessment import KIND_CODE, stored_rows
from applications.models import AuthorityBand, BusinessApplication, LprQuote, Product
from customers.models import Opportunity
from documents.choices import WfStatus
from lending_crm.common.models import ChangeRecord
from workflows.choices import VersionState
from workflows.definitions import definition_of
from workflows.models import FlowVersion

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Employee

#: models whose change records stand under 审批权限表 and 机构参数
SETTING_MODELS = (
    "applications.authorityband",
    "applications.lendersetting",
    "applications.lprquote",
)


def has_documents(customer_id: int) -> bool:
    """CUS-05: any application refers to the customer, as borrower or as channel."""
    own = BusinessApplication.objects.filter(customer=customer_id)
    return own.exists() or BusinessApplication.objects.filter(channel=customer_id).exists()


def application_list(user: Employee) -> QuerySet[BusinessApplication]:
    """The rows of the list that the user may see, with what its columns show."""
    # All rows are of this kind; only the index over the kind gives them newest first.
    rows = BusinessApplication.objects.filter(kind=KIND_CODE).visible_to(user)
    return rows.select_related("customer", "handler", "branch", "case")


def applications_of_opportunity(
    opportunity: Opportunity, user: Employee
) -> QuerySet[BusinessApplication]:
    return application_list(user).filter(opportunity=opportunity).order_by("-created_at", "-pk")


def own_opportunities(user: Employee) -> QuerySet[Opportunity]:
    """Open opportunities that a new application may be made from."""
    return (
        Opportunity.objects.filter(customer__owner=user, customer__pooled_at=None)
        .open()
        .select_related("customer", "open_application")
        .order_by("-last_activity_at", "-id")
    )


def drafts_of(opportunity: Opportunity, user: Employee) -> QuerySet[BusinessApplication]:
    """Drafts of the same opportunity, so that nobody starts a second one by mistake."""
    return BusinessApplication.objects.filter(
        opportunity=opportunity, handler=user, wf_status=WfStatus.DRAFT
    ).order_by("-created_at", "-pk")


def read_view(application: BusinessApplication) -> dict[str, Any]:
    """Context of the read-only template; two queries for the rows."""
    return {"application": application, **stored_rows(application)}


def open_customers(application: Any) -> set[int]:
    """Which of its customer and channel the reader may open; a committee member neither.

    ``application`` has been read with ``may_open`` of both.
    """
    found = {
        application.customer_id: application.may_open_customer,
        application.channel_id: application.may_open_channel,
    }
    return {pk for pk, is_open in found.items() if is_open}


def deciding_step(level: int, *, kind: str = "business_application") -> str:
    """Who decides at the authority level on the published route; empty when nobody does."""
    version = FlowVersion.objects.filter(
        definition__document_kind=kind, state=VersionState.PUBLISHED
    ).values_list("pk", flat=True)
    for pk in version[:1]:
        for stage in definition_of(pk).stages():
            if stage.settings.authority_level == level:
                return stage.title(get_language() or "")
    return ""


def products() -> QuerySet[Product]:
    return Product.objects.order_by("-is_active", "code")


def authority_bands(kind: str) -> list[AuthorityBand]:
    return list(AuthorityBand.objects.filter(document_kind=kind).order_by("level"))


def lpr_quotes(limit: int = 24) -> QuerySet[LprQuote]:
    return LprQuote.objects.select_related("entered_by")[:limit]


def setting_changes(*models: str, limit: int = 100) -> QuerySet[ChangeRecord]:
    """修改记录 of the named models, the latest first."""
    return (
        ChangeRecord.objects.filter(model__in=models or SETTING_MODELS)
        .select_related("actor")
        .order_by("-id")[:limit]
    )


def product_changes(product: Product, limit: int = 100) -> QuerySet[ChangeRecord]:
    return (
        ChangeRecord.objects.filter(Q(model="applications.product", object_id=product.pk))
        .select_related("actor")
        .order_by("-id")[:limit]
    )
