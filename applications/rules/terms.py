"""Amounts, terms, rates and purpose against the product and the law (BUS-01 to 04, 06, 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from applications.choices import PROHIBITED_PURPOSES, BizKind, Purpose
from applications.models import AmountLine, Product
from applications.rules import refusals
from applications.rules.request import Request
from lending_crm.common.errors import DomainError

# "不得用于购买股票" promises the opposite of what the word alone would say.
_DENIAL = re.compile(r"(不得|不会|不能|不可|禁止|严禁|并非|非|未|不)[^,。;,;\n]{0,8}$")


def line_refusals(line: AmountLine, *, index: int) -> Iterator[DomainError]:
    """BUS-01 to BUS-04 of one amount line, bound to its fields on the form."""
    product = line.product
    if line.amount <= 0:
        yield refusals.amount_not_positive(field=f"lines.{index}.amount")
    else:
        yield from amount_refusals(product, line.amount, field=f"lines.{index}.amount")
    yield from term_refusals(product, line.term_months, field=f"lines.{index}.term_months")
    if not product.min_rate <= line.annual_rate <= product.max_rate:
        yield refusals.rate_outside_product(
            minimum=product.min_rate,
            maximum=product.max_rate,
            field=f"lines.{index}.annual_rate",
        )


def amount_refusals(product: Product, amount: Decimal, *, field: str) -> Iterator[DomainError]:
    """BUS-02: an amount in yuan, requested or approved, outside the range of its product."""
    if not product.min_amount <= amount <= product.max_amount:
        yield refusals.amount_outside_product(
            amount=amount,
            product=product.name,
            minimum=product.min_amount,
            maximum=product.max_amount,
            field=field,
        )


def term_refusals(product: Product, months: int, *, field: str) -> Iterator[DomainError]:
    """BUS-03: a term in months, requested or approved, outside the range of its product."""
    if not product.min_term <= months <= product.max_term:
        yield refusals.term_outside_product(
            minimum=product.min_term, maximum=product.max_term, field=field
        )


def purpose_refusals(request: Request) -> Iterator[DomainError]:
    """BUS-06, by the chosen purpose and by the words of the note."""
    application = request.application
    if application.purpose in PROHIBITED_PURPOSES:
        yield refusals.purpose_prohibited(Purpose(application.purpose).label)
        return
    word = prohibited_word(application.purpose_note, request.setting.prohibited_words)
    if word:
        yield refusals.purpose_prohibited(word, field="purpose_note")
    elif application.purpose == Purpose.REFINANCE and application.biz_kind != BizKind.REFINANCE:
        # Repaying a loan is allowed only as 借新还旧 of our own loan, which is 关注 at least.
        yield refusals.purpose_prohibited(Purpose.REFINANCE.label)


def prohibited_word(note: str, words: Sequence[str]) -> str | None:
    """The first prohibited word that the note uses without denying it."""
    for word in words:
        if not word:
            continue
        start = note.find(word)
        while start >= 0:
            if not _DENIAL.search(note[max(0, start - 12) : start]):
                return word
            start = note.find(word, start + 1)
    return None


def security_refusals(request: Request) -> Iterator[DomainError]:
    """BUS-11 where collateral carries the request; 信用 for the rest moves a band up instead."""
    if (
        request.is_secured_by_collateral_alone
        and request.guarantee_items
        and request.amount_total > request.lendable_total
    ):
        yield refusals.amount_above_security(lendable=request.lendable_total)
