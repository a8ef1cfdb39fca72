"""业务复议申请单: list, form, page and endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.assessment import local_day
from applications.models import BusinessApplication, LenderSetting, Reconsideration
from applications.permissions import may_apply, may_see_list
from applications.rejections import level_of, rejecting_node, rejection_of
from applications.rules import reconsideration as rules
from applications.rules.eligibility import customer_refusals
from customers.errors import opportunity_closed
from documents.choices import WfStatus
from documents.desk import Column, Desk, Figure, Head, Origin
from documents.desk.declaration import Action
from lending_crm.common.money import capital_amount, format_amount, format_rate

if TYPE_CHECKING:
    from documents.desk.declaration import Label
    from lending_crm.common.errors import DomainError
    from staff.models import Employee


def rejected_applications(user: Employee) -> QuerySet[BusinessApplication]:
    """Those of the user's own customers; whether one can be reconsidered is for ``refusal``."""
    window = LenderSetting.objects.filter(pk=1).values("reconsideration_days")
    return (
        BusinessApplication.objects.filter(
            customer__owner=user, wf_status=WfStatus.REJECTED, case__isnull=False
        )
        .select_related(
            "customer__group",
            "opportunity",
            "case",
            "open_reconsideration",
            "decided_reconsideration",
        )
        .annotate(window=Subquery(window), rejecting_node=rejecting_node())
    )


def refusal(application: Any, user: Employee) -> DomainError | None:
    """What the list of applications says of one before it is opened: REC-02 to REC-04, REC-08,
    BUS-07 and OPP-05."""
    if hasattr(application, "decided_reconsideration"):
        return rules.reconsidered_before(application.doc_no)
    if hasattr(application, "open_reconsideration"):
        return rules.reconsideration_open(
            application.doc_no, application.open_reconsideration.doc_no
        )
    level = level_of(application.case.flow_version_id, application.rejecting_node)
    if level >= rules.HIGHEST_LEVEL:
        return rules.nobody_above()
    last_day = local_day(application.case.finished) + timedelta(days=application.window)
    if local_day(timezone.now()) > last_day:
        return rules.window_has_passed(application.window)
    if reason := next(customer_refusals(application.customer), None):
        return reason
    return None if application.opportunity.is_open else opportunity_closed()


def _not_reconsidered(
    applications: QuerySet[BusinessApplication],
) -> QuerySet[BusinessApplication]:
    """REC-02: once only."""
    return applications.filter(decided_reconsideration=None)


def _described(application: BusinessApplication) -> Sequence[Label]:
    finished = application.case.finished if application.case else None
    return (
        f"{application.doc_no} {application.subject}",
        format_amount(application.amount_total),
        f"{local_day(finished):%Y-%m-%d}" if finished else "",
    )


class ReconsiderationDesk(Desk):
    """业务复议申请单 in sight; ``q`` finds by number, subject, customer or initials."""

    kind_code = "reconsideration"
    namespace = "applications"
    name = "reconsideration"
    path = "reconsiderations"
    icon = "rotate"
    section = "business"
    section_label = gettext_lazy("Business management")
    plural = gettext_lazy("Reconsiderations")
    order = 20
    origin = Origin(
        field="origin",
        label=gettext_lazy("Rejected application"),
        candidates=rejected_applications,
        search=("doc_no", "subject", "customer__search_text"),
        heads=(
            Head(gettext_lazy("application")),
            Head(gettext_lazy("requested amount (CNY)"), is_number=True),
            Head(gettext_lazy("rejected on")),
        ),
        describe=_described,
        offered=_not_reconsidered,
        refusal=refusal,
        empty=gettext_lazy("None of your customers' applications was rejected."),
    )
    columns = (
        Column("origin__doc_no", gettext_lazy("original application")),
        Column("amount"),
        Column("rejected_node"),
    )
    links = ("customer", "opportunity", "origin")
    search = ("customer__search_text", "origin__doc_no__lower")

    def may_see_list(self, user: Employee) -> bool:
        return may_see_list(user)

    def may_create(self, user: Employee) -> bool:
        return may_apply(user)

    def origin_facts(self, origin: BusinessApplication) -> list[tuple[Label, str]]:
        """The words that the new request has to answer."""
        found: list[tuple[Label, str]] = [
            (_("Originally requested"), format_amount(origin.amount_total))
        ]
        rejection = rejection_of(origin)
        if rejection is not None:
            node = f"{rejection.title} · {rejection.people} · {rejection.on:%Y-%m-%d}"
            found += [(_("Rejected at"), node), (_("Opinion of the rejection"), rejection.opinion)]
        return found

    def figures(self, document: Reconsideration) -> list[Figure]:
        origin = document.origin
        asked = Figure(
            _("Reconsidered amount"),
            format_amount(document.amount),
            capital_amount(document.amount),
        )
        before = Figure(
            _("Originally requested"),
            format_amount(origin.amount_total),
            _("%(less)s less now") % {"less": format_amount(origin.amount_total - document.amount)}
            if document.amount < origin.amount_total
            else "",
        )
        refused = Figure(
            _("Rejected at"),
            document.get_rejected_node_display(),
            f"{document.rejected_by} · {document.rejected_on:%Y-%m-%d}",
            "bad",
        )
        cost = document.all_in_rate
        figures = [asked, before, refused]
        if cost is not None:
            figures.append(Figure(_("All-in annual cost (IRR × 12)"), f"{format_rate(cost)}%"))
        if origin.reconsidered_by_id == document.pk and origin.approved_amount is not None:
            until = origin.approval_valid_until
            figures.insert(
                0,
                Figure(
                    _("Approved amount"),
                    format_amount(origin.approved_amount),
                    _("valid until %(day)s") % {"day": f"{until:%Y-%m-%d}"},
                    "good",
                ),
            )
        return figures

    def alerts(self, document: Reconsideration) -> list[tuple[str, Label]]:
        if document.wf_status == WfStatus.REJECTED:
            return [
                ("red", _("The rejection is final; the application is not reconsidered again."))
            ]
        origin = document.origin
        if origin.reconsidered_by_id == document.pk and origin.approved_conditions:
            conditions = "; ".join(origin.approved_conditions.splitlines())
            return [("amber", _("Conditions: %(text)s") % {"text": conditions})]
        return []

    def actions(self, document: Reconsideration, user: Employee) -> list[Action]:
        url = reverse("applications:detail", args=[document.origin_id])
        return [Action(_("Original application"), icon="file-dollar", url=url)]


DESK = ReconsiderationDesk()
