"""The refusals of the business application: domain.md's codes BUS-01 to BUS-13.

One function a code, so that every place that says no says it in the same words.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.money import format_amount, format_rate

Text = str | Promise


def amount_not_positive(*, field: str | None = None) -> DomainError:
    return DomainError(
        "BUS-01", _("The requested amount must be greater than 0."), status=422, field=field
    )


def amount_outside_product(
    *, amount: Decimal, product: str, minimum: Decimal, maximum: Decimal, field: str | None = None
) -> DomainError:
    return DomainError(
        "BUS-02",
        _("%(amount)s is outside the range of product %(product)s (%(minimum)s–%(maximum)s)."),
        status=422,
        field=field,
        params={
            "amount": format_amount(amount),
            "product": product,
            "minimum": format_amount(minimum),
            "maximum": format_amount(maximum),
        },
    )


def term_outside_product(*, minimum: int, maximum: int, field: str | None = None) -> DomainError:
    return DomainError(
        "BUS-03",
        _("The term must be %(minimum)s to %(maximum)s months."),
        status=422,
        field=field,
        params={"minimum": minimum, "maximum": maximum},
    )


def rate_outside_product(
    *, minimum: Decimal, maximum: Decimal, field: str | None = None
) -> DomainError:
    return DomainError(
        "BUS-04",
        _("The annual rate must be %(minimum)s%%–%(maximum)s%%."),
        status=422,
        field=field,
        params={"minimum": format_rate(minimum), "maximum": format_rate(maximum)},
    )


def all_in_above_cap(*, rate: Decimal, cap: Decimal) -> DomainError:
    return DomainError(
        "BUS-05",
        _("The all-in annual cost %(rate)s%% is above the cap %(cap)s%%."),
        status=422,
        params={"rate": format_rate(rate), "cap": format_rate(cap)},
    )


def cost_unknown(reason: str) -> DomainError:
    return DomainError(
        "BUS-05",
        _("The all-in annual cost cannot be computed: %(reason)s"),
        status=422,
        params={"reason": reason},
    )


def agreed_terms_above_cap(*, rate: Decimal, cap: Decimal) -> DomainError:
    return DomainError(
        "BUS-05",
        _(
            "Of the terms that the members set the lowest of each hold. With yours the all-in"
            " annual cost would be %(rate)s%%, above the cap %(cap)s%%."
        ),
        status=422,
        params={"rate": format_rate(rate), "cap": format_rate(cap)},
    )


def purpose_prohibited(purpose: Text, *, field: str = "purpose") -> DomainError:
    return DomainError(
        "BUS-06",
        _("The purpose %(purpose)s is prohibited."),
        status=422,
        field=field,
        params={"purpose": purpose},
    )


def no_old_loan(number: str) -> DomainError:
    return DomainError(
        "BUS-06",
        _("Only a running loan of this customer can be replaced; %(number)s is none."),
        status=422,
        field="previous_loan_no",
        params={"number": number},
    )


def customer_barred(status: Text) -> DomainError:
    return DomainError(
        "BUS-07", _("The customer is %(status)s; no new business."), params={"status": status}
    )


def application_open(doc_no: str) -> DomainError:
    return DomainError(
        "BUS-08",
        _("Application %(doc_no)s is already open on this opportunity."),
        params={"doc_no": doc_no},
    )


def borrower_not_main() -> DomainError:
    return DomainError(
        "APP-04",
        _("The borrower must be the customer's main contact."),
        status=422,
        field="borrower",
    )


def product_retired(product: str, *, field: str) -> DomainError:
    return DomainError(
        "APP-05",
        _("Product %(product)s is no longer on offer."),
        status=422,
        field=field,
        params={"product": product},
    )


def borrower_limit_exceeded(*, exposure: Decimal, limit: Decimal, percent: Decimal) -> DomainError:
    return DomainError(
        "BUS-09",
        _(
            "Exposure to this borrower would be %(exposure)s, above %(limit)s"
            " (%(percent)s%% of net assets)."
        ),
        status=422,
        params=_limit_params(exposure, limit, percent),
    )


def group_limit_exceeded(*, exposure: Decimal, limit: Decimal, percent: Decimal) -> DomainError:
    return DomainError(
        "BUS-10",
        _(
            "Exposure to the group would be %(exposure)s, above %(limit)s"
            " (%(percent)s%% of net assets)."
        ),
        status=422,
        params=_limit_params(exposure, limit, percent),
    )


def _limit_params(exposure: Decimal, limit: Decimal, percent: Decimal) -> dict[str, str]:
    return {
        "exposure": format_amount(exposure),
        "limit": format_amount(limit),
        "percent": f"{percent.normalize():f}",
    }


def amount_above_security(*, lendable: Decimal) -> DomainError:
    return DomainError(
        "BUS-11",
        _("The amount is above the total lendable value %(lendable)s."),
        status=422,
        params={"lendable": format_amount(lendable)},
    )


def approved_amount_above_requested(*, field: str = "approved_amount") -> DomainError:
    return DomainError(
        "BUS-12",
        _("The approved amount cannot exceed the requested amount."),
        status=422,
        field=field,
    )


def approved_term_out_of_range(*, maximum: int) -> DomainError:
    return DomainError(
        "BUS-12",
        _("The approved term must be 1 to %(maximum)s months, the requested term."),
        status=422,
        field="approved_term",
        params={"maximum": maximum},
    )


def approved_rate_out_of_range(*, maximum: Decimal) -> DomainError:
    return DomainError(
        "BUS-12",
        _("The approved rate must be 0%% to %(maximum)s%%, the requested rate."),
        status=422,
        field="approved_rate",
        params={"maximum": format_rate(maximum)},
    )


def rebate_above_cap(*, ratio: Decimal, cap: Decimal) -> DomainError:
    return DomainError(
        "FTR-06",
        _("Rebate %(ratio)s%% is above %(cap)s%%."),
        status=422,
        field="rebate_ratio",
        params={"ratio": format_rate(ratio), "cap": format_rate(cap)},
    )


def rebate_without_channel() -> DomainError:
    return DomainError(
        "REB-08", _("No channel on this business."), status=422, field="rebate_ratio"
    )


def approval_expired(on: date) -> DomainError:
    return DomainError(
        "BUS-13", _("The approval expired on %(date)s."), params={"date": f"{on:%Y-%m-%d}"}
    )
