"""The application form: header and three lists, read together and refused together."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from applications.choices import BizKind, GuaranteeWay, Purpose
from applications.forms.rows import (
    FeeFormSet,
    GuaranteeFormSet,
    LineFormSet,
    initial_rows,
    products_for,
)
from applications.hooks import OldLoan, old_loans
from applications.kinds import EDITABLE_FIELDS
from applications.models import BusinessApplication, Product
from customers.choices import ContactType
from customers.forms.fields import PickerField
from customers.models import Contact, Customer, Opportunity
from documents.rows import Rows
from lending_crm.common.errors import DomainError
from lending_crm.common.forms import PercentField, RecordForm, WordField
from lending_crm.common.money import format_amount

_meta = BusinessApplication._meta


def _label(name: str) -> Any:
    return capfirst(_meta.get_field(name).verbose_name)  # type: ignore[union-attr]


class HeaderForm(RecordForm):
    """Level S is required here; what is needed to submit is marked and may stay empty."""

    required_to_submit = frozenset(
        {"borrower", "purpose", "purpose_note", "repay_source", "guarantee"}
    )

    subject = forms.CharField(
        label=_label("subject"),
        max_length=100,
        required=False,
        help_text=_("Empty: customer, kind of document and date."),
    )
    borrower = forms.ModelChoiceField(
        Contact.objects.none(), label=_label("borrower"), required=False, empty_label="—"
    )
    biz_kind = forms.ChoiceField(label=_label("biz_kind"), choices=BizKind.choices)
    previous_loan_no = forms.ChoiceField(
        label=_label("previous_loan_no"),
        required=False,
        help_text=_("Number of the loan that the new one repays."),
    )
    purpose = WordField(label=_label("purpose"), words=Purpose, required=False)
    purpose_note = forms.CharField(
        label=_label("purpose_note"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    repay_source = forms.CharField(
        label=_label("repay_source"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    guarantee = forms.MultipleChoiceField(
        label=_label("guarantee"),
        choices=GuaranteeWay.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    rebate_ratio = PercentField(label=_label("rebate_ratio"), required=False)
    remark = forms.CharField(
        label=_label("remark"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, customer: Customer, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["borrower"].queryset = Contact.objects.filter(  # type: ignore[attr-defined]
            customer=customer, contact_type=ContactType.MAIN
        )
        self.fields["channel"] = PickerField(
            Customer.objects.channels_for(user),
            source="channel",
            label=_label("channel"),
            required=False,
        )
        self._offer_loans(old_loans(customer))

    def _offer_loans(self, loans: Sequence[OldLoan]) -> None:
        """The customer's running loans; a number that is stored already stays on the list."""
        choices = [(loan.number, f"{loan.number} · {format_amount(loan.unpaid)}") for loan in loans]
        stored = self.initial.get("previous_loan_no") or ""
        if stored and stored not in dict(choices):
            choices.append((stored, stored))
        field = cast(forms.ChoiceField, self.fields["previous_loan_no"])
        field.choices = [("", "—"), *choices]


class ApplicationForms:
    """The four forms of one page; ``is_valid`` looks at all of them, so nothing hides."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        opportunity: Opportunity,
        user: Any,
        application: BusinessApplication | None = None,
    ) -> None:
        self.is_bound = data is not None
        header = _new_header(opportunity) if application is None else _stored_header(application)
        rows: dict[str, Any] = {}  # what was sent needs no row to begin with
        if not self.is_bound:
            rows = initial_rows(application) if application else _suggested_rows(opportunity)
        self.application = application
        self.header = HeaderForm(data, initial=header, customer=opportunity.customer, user=user)
        self.lines = LineFormSet(
            data,
            initial=rows.get("lines"),
            prefix="lines",
            form_kwargs={"products": products_for(application)},
        )
        self.guarantee_items = GuaranteeFormSet(
            data, initial=rows.get("guarantee_items"), prefix="guarantee_items"
        )
        self.fees = FeeFormSet(data, initial=rows.get("fees"), prefix="fees")
        self.formsets = (self.lines, self.guarantee_items, self.fees)

    def is_valid(self) -> bool:
        return all([self.header.is_valid(), *(formset.is_valid() for formset in self.formsets)])

    @property
    def values(self) -> dict[str, Any]:
        return {
            name: value for name, value in self.header.values.items() if name in EDITABLE_FIELDS
        }

    @property
    def rows(self) -> Rows:
        return {formset.prefix: formset.rows for formset in self.formsets}

    def show_refusals(self, error: DomainError) -> None:
        """Put each reason at its field or row; what has no field stands at the top.

        Refusals that no typing can mend (not allowed, gone, busy) are raised again.
        """
        if error.status in (403, 404, 503):
            raise error
        for reason in error.reasons:
            name = reason.field or ""
            if any(formset.show_refusal(name, reason.message) for formset in self.formsets):
                continue
            field = name if name in self.header.fields else None
            self.header.add_error(field, reason.message)

    @property
    def problem_count(self) -> int:
        """Fields that need attention in the lists, for the summary at the top."""
        return sum(len(form.errors) for formset in self.formsets for form in formset.forms)


def _new_header(opportunity: Opportunity) -> dict[str, Any]:
    main = opportunity.customer.contacts.filter(contact_type=ContactType.MAIN).first()
    channel = opportunity.channel or opportunity.customer.channel
    return {
        "creation_key": uuid.uuid4(),
        "borrower": main.pk if main else None,
        "biz_kind": BizKind.NEW,
        "channel": channel.pk if channel else None,
        "rebate_ratio": channel.rebate_ratio if channel else None,
    }


def _stored_header(application: BusinessApplication) -> dict[str, Any]:
    stored = {name: getattr(application, _attname(name)) for name in EDITABLE_FIELDS}
    return {**stored, "version": application.version}


def _attname(name: str) -> str:
    return _meta.get_field(name).attname  # type: ignore[union-attr]


def _suggested_rows(opportunity: Opportunity) -> dict[str, list[dict[str, Any]]]:
    """What the opportunity already knows, so that nobody types it twice."""
    product = _product_of(opportunity.product)
    line = {
        "product": product.pk if product else None,
        "amount": opportunity.amount,
        "term_months": opportunity.term,
        "method": product.methods[0] if product and product.methods else None,
    }
    return {"lines": [line], "guarantee_items": [], "fees": []}


def _product_of(code: str) -> Product | None:
    return Product.objects.filter(is_active=True, code=code).first()
