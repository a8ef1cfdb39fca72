"""Who may do what outside of the approval itself; the services ask here, pages too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from applications.choices import BizStatus
from documents.choices import WfStatus
from documents.permissions import may_ask_to_void
from staff.choices import RoleCode
from staff.selectors import roles_of

if TYPE_CHECKING:
    from applications.models import BusinessApplication

#: Who works on applications at all; committee members and administrators come by their cases.
_READERS = (
    RoleCode.AM,
    RoleCode.TL,
    RoleCode.BRM,
    RoleCode.BGM,
    RoleCode.HRM,
    RoleCode.PLM,
    RoleCode.ARD,
    RoleCode.FIN,
    RoleCode.CEO,
)


def may_see_list(user: Any) -> bool:
    return roles_of(user).has_any(*_READERS)


def may_apply(user: Any) -> bool:
    """业务申请单 are made by account managers (domain M5)."""
    return roles_of(user).has(RoleCode.AM)


def may_book_fees(user: Any) -> bool:
    """代收代缴 and service fees of intermediary business are booked by finance (M8)."""
    return roles_of(user).has(RoleCode.FIN)


def may_void(user: Any, application: BusinessApplication) -> bool:
    """作废: the handler, while it is with him."""
    return application.is_editable and application.handler_id == user.pk


def may_ask_to_void_approval(user: Any, application: BusinessApplication) -> bool:
    """An approval without a contract is voided by two people of head office."""
    is_unsigned = application.biz_status in (BizStatus.APPROVED, BizStatus.EXPIRED)
    return application.wf_status == WfStatus.APPROVED and is_unsigned and may_ask_to_void(user)


def may_configure(user: Any) -> bool:
    """产品, 审批权限表 and the lender's figures: administrators change them, risk reads them."""
    return roles_of(user).has_any(RoleCode.ADM, RoleCode.HRM, RoleCode.CEO)


def may_change_settings(user: Any) -> bool:
    return roles_of(user).has(RoleCode.ADM)


def may_quote_lpr(user: Any) -> bool:
    """The LPR is entered monthly by finance (R2), or by the administrator."""
    return roles_of(user).has_any(RoleCode.FIN, RoleCode.ADM)
