"""Who sees which customers, and how they are found by what is typed (N26)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self, cast

from django.apps import apps
from django.db import models
from django.db.models import Q

from customers.choices import ContactType, CustomerStatus, CustomerType, OpportunityStatus
from lending_crm.common.crypto import blind_index
from lending_crm.common.keys import Keys
from lending_crm.common.search import with_words
from lending_crm.common.text import clean_line
from staff.choices import RoleCode
from staff.selectors import roles_of

if TYPE_CHECKING:
    from customers.models import Customer
    from staff.models import Employee

#: roles that see every customer; administrators see none
_SEE_ALL = (RoleCode.HRM, RoleCode.CEO, RoleCode.FIN, RoleCode.PLM)
_SEE_BRANCH = (RoleCode.BRM, RoleCode.BGM)
_ID_NUMBER = re.compile(r"[0-9]{17}[0-9Xx]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
#: longer than any name; what is typed beyond it cannot find anything
_LONGEST_SEARCH = 100
#: where the customers look for a word
OWN = ("search_text",)
#: where 联系人 and 业务拓展 look for a word
OWN_AND_CUSTOMER = ("search_text", "customer__search_text")


def visible_customers(user: Employee, prefix: str = "") -> Q | None:
    """The condition 'this customer may be seen by the user'; None when he sees them all.

    ``prefix`` is the path to the customer, for example ``customer__``. Account managers
    see their own and those that asset recovery took over from them, department heads their
    department, branch risk and management their branch, asset recovery the bad customers,
    head-office risk, finance, supervision and the president all. A role that names no branch
    or department reaches over the company.
    """
    if not user.is_authenticated or not user.is_active:
        return Q(pk__in=())
    roles = roles_of(user)
    if roles.has_any(*_SEE_ALL):
        return None
    clause = Q(pk__in=())
    for held in roles.assignments:
        if held.code == RoleCode.AM:
            # In 公海 a prospect has no account manager any more.
            clause |= Q(**{f"{prefix}owner": user, f"{prefix}pooled_at": None})
            # What asset recovery took over, its former account manager helps with (M19).
            clause |= Q(**{f"{prefix}co_handler": user})
        elif held.code == RoleCode.ARD:
            clause |= recovered_customers(user, prefix)
        elif held.code in (*_SEE_BRANCH, RoleCode.TL):
            if held.department_id is not None:
                clause |= Q(**{f"{prefix}department": held.department_id})
            elif held.branch_id is not None:
                clause |= Q(**{f"{prefix}branch": held.branch_id})
            else:
                return None
    return clause


def recovered_customers(user: Employee, prefix: str = "") -> Q:
    """The condition 'a customer that asset recovery works on': 不良, or handed over to him.

    They are found first, each way by its index: as an OR all rows are walked for the few.
    """
    customers = apps.get_model("customers", "Customer")._base_manager.order_by()
    ways = Q(biz_status=CustomerStatus.BAD), Q(owner=user)
    bad, own = (customers.filter(way).values("pk") for way in ways)
    return Q(**{f"{prefix}pk__joined_among": Keys(bad.union(own))})


def about_kept(user: Employee) -> Q:
    """The condition 'about a customer whom he has from recovery and who is not 不良', of rows
    with a ``customer``: 黑名单 stays when a customer is handed over.

    What is about 不良 customers is known of each document (``Document.about_bad_customer``).
    """
    customers = apps.get_model("customers", "Customer")._base_manager.order_by()
    kept = customers.filter(owner=user).exclude(biz_status=CustomerStatus.BAD)
    return Q(customer__among=Keys(kept.values("pk")))


class ReadByRecovery:
    """For kinds of documents about a customer: 资产保全部 reads those of its own (domain.md §1).

    Their tables have the trigger ``follows_bad_customer``.
    """

    model: type[models.Model]

    def seen_by_matter(self, user: Employee) -> models.QuerySet | None:
        """Their ids; None for roles that see none for whom it is about."""
        clause = self.concerning(user)
        return None if clause is None else self.model._default_manager.filter(clause).values("pk")

    def concerning(self, user: Employee) -> Q | None:
        """The documents about customers of his that ``about_bad_customer`` does not tell."""
        return about_kept(user) if roles_of(user).has(RoleCode.ARD) else None


class _VisibleQuerySet(models.QuerySet):
    _path_to_customer = ""

    def visible_to(self, user: Employee) -> Self:
        clause = visible_customers(user, self._path_to_customer)
        return self if clause is None else self.filter(clause)

    def _with_words(self, text: str, paths: Sequence[str], sees_all: bool) -> Self:
        words = " ".join(_words(text))
        return cast("Self", with_words(self, words, paths, sees_all=sees_all, rows_first=sees_all))


def _words(text: str) -> list[str]:
    return clean_line(text)[:_LONGEST_SEARCH].lower().split()


class CustomerQuerySet(_VisibleQuerySet):
    def search(self, text: str, *, sees_all: bool = False) -> Self:
        """By part of the name, number or credit code, by pinyin in full or initials; by a
        whole ID number or telephone number.

        Parts of an ID number find nothing: it is stored encrypted.
        """
        compact = "".join(clean_line(text).split()).upper()
        if _ID_NUMBER.fullmatch(compact):
            return self.filter(Q(id_no_index=blind_index(compact)) | Q(uscc=compact))
        if _MOBILE.fullmatch(compact):
            return self.filter(phone=compact)
        return self._with_words(text, OWN, sees_all)

    def channels_for(self, user: Employee) -> Self:
        """渠道 on offer to a person: those he sees, and those of his branch, which share them."""
        channels = self.filter(customer_type=CustomerType.CHANNEL)
        clause = visible_customers(user)
        if clause is None:
            return channels
        if roles_of(user).has(RoleCode.AM):
            clause |= Q(branch=user.branch_id)
        return channels.filter(clause)

    def with_same_number(self, customer: Customer) -> Customer | None:
        """Another customer that holds the same credit code or ID number."""
        same = Q(pk__in=())
        if customer.uscc:
            same |= Q(uscc=customer.uscc)
        if customer.id_no:
            same |= Q(id_no_index=blind_index(customer.id_no))
        found: Any = self.exclude(pk=customer.pk).filter(same).select_related("owner").first()
        return found

    def referring_to(self, customer: Customer) -> Self:
        """The first few customers that name it as their channel or principal."""
        refers = Q(channel=customer) | Q(principal_customer=customer)
        return self.filter(refers).order_by("name")[:5]

    def with_head(self) -> Self:
        """What a list row and the page's head show."""
        return self.select_related("owner", "branch", "department", "group")


class ContactQuerySet(_VisibleQuerySet):
    _path_to_customer = "customer__"

    def search(self, text: str, *, sees_all: bool = False) -> Self:
        """By name, pinyin or the customer's name; by a whole ID or mobile number."""
        compact = "".join(clean_line(text).split()).upper()
        if _ID_NUMBER.fullmatch(compact):
            return self.filter(id_no_index=blind_index(compact))
        if _MOBILE.fullmatch(compact):
            return self.filter(Q(mobile=compact) | Q(phone2=compact))
        return self._with_words(text, OWN_AND_CUSTOMER, sees_all)

    def main(self) -> Self:
        return self.filter(contact_type=ContactType.MAIN)


class OpportunityQuerySet(_VisibleQuerySet):
    _path_to_customer = "customer__"

    def search(self, text: str, *, sees_all: bool = False) -> Self:
        """By subject, the customer's name or number, or the pinyin of either."""
        return self._with_words(text, OWN_AND_CUSTOMER, sees_all)

    def open(self) -> Self:
        return self.filter(biz_status=OpportunityStatus.OPEN)
