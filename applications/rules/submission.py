"""Every rule that an application must keep to be submitted, and what only warns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.choices import GUARANTOR_KINDS, GuaranteeWay, RepaymentMethod
from applications.models import Security
from applications.rules import refusals
from applications.rules.eligibility import party_refusals
from applications.rules.limits import concentration_refusals, cost_refusals
from applications.rules.request import Request
from applications.rules.terms import line_refusals, purpose_refusals, security_refusals
from lending_crm.common.errors import DomainError
from lending_crm.common.money import format_rate

if TYPE_CHECKING:
    from applications.assessment import Assessment

Text = str | Promise


def missing_rows(request: Request) -> list[Text]:
    """Lists that are still empty or half filled, as labels for WF-08."""
    found: list[Text] = [] if request.lines else [_("requested amounts")]
    return [*found, *missing_securities(request.application.guarantee, request.guarantee_items)]


def missing_securities(guarantee: Collection[str], items: Sequence[Security]) -> list[Text]:
    """What the list lacks for these ways of guarantee, as labels for WF-08."""
    found: list[Text] = []
    ways = set(guarantee)
    if GuaranteeWay.GUARANTEE in ways and not any(i.kind in GUARANTOR_KINDS for i in items):
        found.append(_("guarantors"))
    collateral = [item for item in items if item.kind not in GUARANTOR_KINDS]
    if ways & {GuaranteeWay.MORTGAGE, GuaranteeWay.PLEDGE}:
        if not collateral:
            found.append(_("securities"))
        elif any(item.assessed_value is None or item.ratio is None for item in collateral):
            found.append(_("assessed value and lending ratio of each security"))
    return found


def submission_refusals(assessment: Assessment) -> list[DomainError]:
    """BUS-01 to BUS-11 (but BUS-08) and the rules about the customer's people, all at once."""
    request = assessment.request
    found: list[DomainError] = []
    for index, line in enumerate(request.lines):
        found += line_refusals(line, index=index)
    found += purpose_refusals(request)
    found += security_refusals(request)
    found += rebate_refusals(request)
    found += cost_refusals(assessment.cost, assessment.cap)
    found += concentration_refusals(
        borrower=assessment.exposure.borrower,
        group=assessment.exposure.group,
        setting=request.setting,
    )
    found += party_refusals(
        assessment.party, limits=request.setting.customer_limits, day=assessment.day
    )
    return found


def offer_refusals(assessment: Assessment) -> Iterator[DomainError]:
    """APP-04 and APP-05: what the form does not offer is not submitted another way either.

    A business that was submitted while its product was on offer may go on with it (N17).
    """
    request = assessment.request
    main = assessment.party.main_contact
    borrower = request.application.borrower_id
    if borrower is not None and main is not None and borrower != main.pk:
        yield refusals.borrower_not_main()
    if request.application.case_id is None:
        for index, line in enumerate(request.lines):
            if not line.product.is_active:
                yield refusals.product_retired(line.product.name, field=f"lines.{index}.product")


def rebate_refusals(request: Request) -> list[DomainError]:
    """返点比例 ≤ the lender's cap; a ratio needs the channel that gets it."""
    application = request.application
    ratio = application.rebate_ratio
    if ratio is None:
        return []
    if ratio > request.setting.rebate_cap:
        return [refusals.rebate_above_cap(ratio=ratio, cap=request.setting.rebate_cap)]
    if ratio > 0 and application.channel_id is None:
        return [refusals.rebate_without_channel()]
    return []


def warnings(assessment: Assessment) -> list[Text]:
    """What does not stop a submission, but the officer and the approvers should know."""
    request = assessment.request
    found: list[Text] = []
    rate, soft = assessment.cost.rate, assessment.cap.soft
    if rate is not None and soft is not None and rate > soft:
        found.append(
            _("The all-in annual cost %(rate)s%% is above %(multiple)s × LPR (%(soft)s%%).")
            % {
                "rate": format_rate(rate),
                "multiple": f"{request.setting.lpr_multiple.normalize():f}",
                "soft": format_rate(soft),
            }
        )
    if any(line.method == RepaymentMethod.FLAT for line in request.lines) and rate is not None:
        found.append(
            _(
                "Flat interest is charged on the full principal to the end:"
                " the true annual cost is %(rate)s%%."
            )
            % {"rate": format_rate(rate)}
        )
    if request.setting.net_assets is None:
        found.append(
            _(
                "The lender's net assets are not entered;"
                " the limits per borrower and group are not checked."
            )
        )
    if request.lpr is None:
        found.append(_("No LPR quote is entered; the cost is not compared with the LPR."))
    if assessment.uplift:
        found.append(
            _("The approval moves one band up: %(reasons)s.")
            % {"reasons": _(", ").join(str(reason.label) for reason in assessment.uplift)}
        )
    return found
