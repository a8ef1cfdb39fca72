"""The routing facts that an administrator may put into conditions of the approval route."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.assessment import Assessment
from applications.choices import BizKind, GuaranteeWay
from applications.models import Product
from customers.choices import CustomerType, RiskClass
from staff.models import Branch
from workflows.kinds import Fact, FactValue

Choices = Sequence[tuple[str, str | Promise]]


def branch_choices() -> Choices:
    return list(Branch.objects.values_list("code", "name"))


def product_choices() -> Choices:
    """Retired products too: running definitions may still name them."""
    return list(Product.objects.values_list("code", "name"))


def product_names() -> dict[str, str]:
    """By their codes; retired ones too, for what was written while they were on offer."""
    return dict(Product.objects.values_list("code", "name"))


def active_product_choices() -> Choices:
    return list(Product.objects.filter(is_active=True).values_list("code", "name"))


FACTS = (
    Fact("amount_total", "money", _("total requested amount")),
    Fact("exposure", "money", _("exposure")),
    Fact("authority_level", "integer", _("authority level")),
    Fact("band_uplift", "boolean", _("one band up")),
    Fact("branch", "choice", _("owning branch"), branch_choices),
    Fact("product", "choices", _("product"), product_choices),
    Fact("guarantee", "choices", _("guarantee"), lambda: GuaranteeWay.choices),
    Fact("term", "integer", _("longest term (months)")),
    Fact("annual_rate", "number", _("highest annual rate (%)")),
    Fact("biz_kind", "choice", _("business type"), lambda: BizKind.choices),
    Fact("customer_type", "choice", _("customer type"), lambda: CustomerType.choices),
    Fact("risk_class", "choice", _("risk class"), lambda: RiskClass.choices),
    Fact("is_unsecured", "boolean", _("unsecured")),
)


def facts_of(assessment: Assessment) -> dict[str, FactValue]:
    """The values of one application at the moment of its assessment."""
    request = assessment.request
    application = request.application
    return {
        "amount_total": request.amount_total,
        "exposure": assessment.exposure.group,
        "authority_level": assessment.level,
        "band_uplift": bool(assessment.uplift),
        "branch": application.branch.code,
        "product": sorted({line.product.code for line in request.lines}),
        "guarantee": list(application.guarantee),
        "term": request.longest_term,
        "annual_rate": request.highest_rate,
        "biz_kind": application.biz_kind,
        "customer_type": application.customer.customer_type,
        "risk_class": application.customer.risk_class,
        "is_unsecured": application.is_unsecured,
    }
