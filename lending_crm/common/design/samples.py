"""Made-up content for /design/: enough to see every component in every state."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lending_crm.common import vendoring
from lending_crm.common.design.status import STATUSES
from lending_crm.common.pagination import CappedCount

WORKFLOW_STATUSES = (
    "DRAFT", "IN_APPROVAL", "APPROVED", "RETURNED", "REJECTED", "WITHDRAWN", "VOID",
)  # fmt: skip


class SampleForm(forms.Form):
    """One field of each kind; the second name may be saved empty but not submitted."""

    required_to_submit = frozenset({"repay_source", "term"})

    customer = forms.CharField(label=gettext_lazy("Customer name"), max_length=80)
    kind = forms.ChoiceField(
        label=gettext_lazy("Business kind"),
        choices=[
            ("", "—"),
            ("new", gettext_lazy("New loan")),
            ("renewal", gettext_lazy("Renewal")),
        ],
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Requested amount"), max_digits=18, decimal_places=2,
        validators=[
            MinValueValidator(
                Decimal("0.01"), gettext_lazy("The requested amount must be greater than 0.")
            )
        ],
    )  # fmt: skip
    term = forms.IntegerField(label=gettext_lazy("Term (months)"), required=False)
    expected_on = forms.DateField(
        label=gettext_lazy("Expected payout date"), required=False,
        help_text=gettext_lazy("Not before today."),
    )  # fmt: skip
    repay_source = forms.CharField(
        label=gettext_lazy("Source of repayment"), required=False, widget=forms.Textarea
    )
    guarantee = forms.MultipleChoiceField(
        label=gettext_lazy("Guarantee"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[
            ("credit", gettext_lazy("Credit")), ("surety", gettext_lazy("Surety")),
            ("mortgage", gettext_lazy("Mortgage")), ("pledge", gettext_lazy("Pledge")),
        ],
    )  # fmt: skip
    payout = forms.ChoiceField(
        label=gettext_lazy("Payout"), widget=forms.RadioSelect,
        choices=[
            ("once", gettext_lazy("At once")), ("parts", gettext_lazy("In several payments")),
        ],
    )  # fmt: skip
    report = forms.FileField(label=gettext_lazy("Investigation report"), required=False)
    consent = forms.BooleanField(
        label=gettext_lazy("The customer agrees to receive messages"), required=False
    )


class SampleLineForm(forms.Form):
    product = forms.ChoiceField(
        label=gettext_lazy("Product"),
        choices=[("flow", gettext_lazy("Working capital loan")), ("car", gettext_lazy("Car loan"))],
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), max_digits=18, decimal_places=2,
        min_value=Decimal("0.01"),
    )  # fmt: skip
    term = forms.IntegerField(label=gettext_lazy("Term (months)"), min_value=1)
    rate = forms.DecimalField(label=gettext_lazy("Annual rate %"), max_digits=9, decimal_places=4)


SampleLineFormSet = forms.formset_factory(SampleLineForm, extra=0, can_delete=True, max_num=10)


def sample_context(now: datetime) -> dict[str, Any]:
    """Everything that the page shows, with moments around ``now``."""
    return {
        "statuses": [(code, STATUSES[code]) for code in WORKFLOW_STATUSES],
        "other_statuses": [code for code in STATUSES if code not in WORKFLOW_STATUSES],
        "icons": vendoring.icon_names(),
        "total": Decimal("2500000.00"),
        "small": Decimal("107000.53"),
        "since": now - timedelta(hours=5, minutes=12),
        "since_long": now - timedelta(days=2, hours=3),
        "due_soon": now + timedelta(hours=2),
        "due_later": now + timedelta(days=5),
        "due_past": now - timedelta(hours=26),
        "empty_form": SampleForm(
            initial={"customer": "济南恒信机械有限公司", "amount": Decimal("300000.00")}
        ),
        "wrong_form": _wrong_form(),
        "lines": _lines(),
        "rows": _rows(now),
        "events": _events(now),
        "steps": _steps(),
        "files": _files(now),
        "missing_files": [_("Credit enquiry authorisation")],
        "tabs": _tabs(),
        "findings": _findings(),
        "capped": CappedCount(999, True),
        "few": CappedCount(7, False),
        "page_middle": {
            "has_previous": True, "has_next": True,
            "previous_cursor": "earlier", "next_cursor": "later",
        },
        "filters": [
            {"name": _("Over 3 million"), "url": "?amount=3000000", "is_current": False},
            {"name": _("Overdue today"), "url": "?overdue=1", "is_current": True},
        ],
    }  # fmt: skip


def _wrong_form() -> SampleForm:
    form = SampleForm(
        {"customer": "", "kind": "gold", "amount": "-5", "term": "abc", "expected_on": "2026-01-05"}
    )
    form.is_valid()
    form.add_error(None, _("The all-in annual cost 26.40% is above the cap 24%."))
    return form


def _lines() -> forms.BaseFormSet[SampleLineForm]:
    data = {
        "line-TOTAL_FORMS": "2", "line-INITIAL_FORMS": "0",
        "line-0-product": "flow", "line-0-amount": "250000.00", "line-0-term": "12",
        "line-0-rate": "14.4000", "line-1-product": "car", "line-1-amount": "0",
        "line-1-term": "6", "line-1-rate": "",
    }  # fmt: skip
    formset = SampleLineFormSet(data, prefix="line")
    formset.is_valid()
    return formset


def _rows(now: datetime) -> list[dict[str, Any]]:
    samples = (
        ("YW-JN-20261120-003", "济南恒信机械有限公司", "IN_APPROVAL", "300000.00", "王敏", 5),
        ("YW-JN-20261118-001", "山东鲁泉食品股份有限公司", "RETURNED", "2500000.00", "李建国", 50),
        ("YW-QD-20261116-007", "青岛海岳物流有限公司", "APPROVED", "12800000.00", "赵雅琴", 4),
        ("YW-JN-20261112-002", "孙宏伟", "REJECTED", "80000.00", "王敏", 30),
        ("YW-YT-20261109-005", "烟台龙腾置业有限公司", "DRAFT", "0.00", "周涛", 2),
    )
    return [
        {
            "doc_no": number, "customer": customer, "status": status, "amount": Decimal(amount),
            "handler": handler, "since": now - timedelta(hours=hours),
            "due": now + timedelta(hours=20 - hours), "is_unread": index < 2,
        }
        for index, (number, customer, status, amount, handler, hours) in enumerate(samples)
    ]  # fmt: skip


def _events(now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "kind": "RETURNED", "label": _("Returned"), "who": "刘芳",
            "step": _("Branch risk review"), "at": now - timedelta(hours=1),
            "took": timedelta(hours=4),
            "opinion": "银行流水只到八月,请补充九月至十一月;配偶未签字。",
        },
        {
            "kind": "APPROVED_WITH_CONDITIONS", "label": _("Approved with conditions"),
            "who": "陈志强", "step": _("Department head"), "at": now - timedelta(hours=6),
            "took": timedelta(minutes=35), "opinion": "同意,经营情况与调查报告一致。",
            "conditions": ["配偶签字", "放款前补充评估报告"],
        },
        {
            "kind": "AUTO_PASSED", "label": _("Passed automatically"), "who": "",
            "step": _("Department head"), "at": now - timedelta(hours=7),
        },
        {
            "kind": "SUBMITTED", "label": _("Submitted"), "who": "王敏",
            "at": now - timedelta(hours=8),
        },
    ]  # fmt: skip


def _steps() -> list[dict[str, str]]:
    return [
        {"label": _("Department head"), "state": "done", "note": "陈志强"},
        {"label": _("Branch risk review"), "state": "returned", "note": "刘芳"},
        {"label": _("Branch general manager"), "state": "current", "note": "郑伟 · 5 h"},
        {"label": _("Head-office risk control"), "state": "", "note": _("only over 500,000")},
        {"label": _("Risk committee"), "state": "skipped", "note": ""},
    ]


def _files(now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "title": "贷前调查报告", "icon": "file-type-doc", "url": "#",
            "category": _("Investigation report"), "size": 482_113, "version": 2, "who": "王敏",
            "at": now - timedelta(days=1), "remove_url": "#",
        },
        {
            "title": "九月至十一月流水", "icon": "file-type-pdf", "url": "#",
            "category": _("Statements"), "size": 9_482_113, "is_supplement": True, "who": "王敏",
            "at": now - timedelta(hours=2),
        },
    ]  # fmt: skip


def _tabs() -> list[dict[str, Any]]:
    return [
        {
            "label": _("Waiting for me"),
            "url": "?",
            "count": 7,
            "is_current": True,
            "is_urgent": True,
        },
        {"label": _("Decided by me"), "url": "?tab=done", "count": CappedCount(999, True)},
        {"label": _("Started by me"), "url": "?tab=mine", "count": 3},
        {"label": _("Copied to me"), "url": "?tab=copied", "count": 0},
        {"label": _("To be claimed"), "url": "?tab=pool", "count": 12},
    ]


def _findings() -> list[dict[str, str]]:
    return [
        {
            "tone": "red",
            "text": _("Step “Branch risk review” has nobody who could decide."),
            "url": "#",
        },
        {"tone": "amber", "text": _("The condition of edge 3 is never true."), "code": "FLOW-07"},
        {"tone": "green", "text": _("Every path reaches an end.")},
    ]
