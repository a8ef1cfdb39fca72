"""Create, change and copy an application while it is with its handler."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.assessment import KIND_CODE
from applications.kinds import EDITABLE_FIELDS
from applications.models import BusinessApplication
from customers.models import Opportunity
from documents.kinds import routed_kind
from documents.rows import Rows
from documents.services.drafts import create_draft, update_draft
from lending_crm.common.errors import DomainError

if TYPE_CHECKING:
    from staff.models import Employee


def create_application(
    *,
    opportunity: Opportunity,
    actor: Employee,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    rows: Rows | None = None,
    creation_key: uuid.UUID | None = None,
    ip: str | None = None,
    copied: BusinessApplication | None = None,
) -> BusinessApplication:
    """Open a draft on an opportunity; customer, opportunity and borrower are filled in.

    Raises DOC-05 (not an account manager), CUS-11 (another's customer), OPP-05 (closed
    opportunity), BUS-07 (barred customer), BUS-08 (an open application is there already).
    The same ``creation_key`` again answers with the application that it made.
    """
    made: BusinessApplication = create_draft(
        kind=routed_kind(KIND_CODE),
        origin=opportunity,
        actor=actor,
        now=now,
        values=values,
        rows=rows,
        creation_key=creation_key,
        ip=ip,
        copied=copied,
    )
    return made


def update_application(
    *,
    application_id: int,
    actor: Employee,
    now: datetime,
    values: Mapping[str, Any],
    rows: Rows | None = None,
    seen_version: int | None = None,
    ip: str | None = None,
) -> BusinessApplication:
    """Save what was typed so far: level S of domain.md §0, everything else may be empty.

    Totals, exposure, all-in cost and band are computed again. Raises WF-29/WF-04/WF-05
    when it may not be changed (any more), WF-12 on a stale version.
    """
    saved: BusinessApplication = update_draft(
        kind=routed_kind(KIND_CODE),
        document_id=application_id,
        actor=actor,
        now=now,
        values=values,
        rows=rows,
        seen_version=seen_version,
        ip=ip,
    )
    return saved


@transaction.atomic
def copy_application(
    *, application_id: int, actor: Employee, now: datetime, ip: str | None = None
) -> BusinessApplication:
    """A new draft with the content of an application that ended without a loan.

    For expired (BUS-13), void and rejected ones; attachments are not copied, since papers
    go stale. Raises APP-03 for any other, and as ``create_application``.
    """
    kind = routed_kind(KIND_CODE)
    source: BusinessApplication = kind.lock(application_id)
    if not source.is_over:
        raise DomainError(
            "APP-03", _("Only an expired, void or rejected application can be copied.")
        )
    copy = create_application(
        opportunity=source.opportunity,
        actor=actor,
        now=now,
        values={name: getattr(source, name) for name in EDITABLE_FIELDS if name != "subject"},
        rows={table.name: table.typed(source) for table in kind.row_tables},
        ip=ip,
        copied=source,
    )
    copy.copied_from = source
    copy.save(update_fields=["copied_from"])
    return copy
