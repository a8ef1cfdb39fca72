"""业务申请单: what the shared pages and endpoints of documents need to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from applications.assessment import KIND_CODE
from applications.permissions import may_apply, may_see_list, may_void
from applications.selectors import application_list, own_opportunities
from documents.desk import Desk, Origin

if TYPE_CHECKING:
    from applications.filters import ApplicationFilter
    from staff.models import Employee


class ApplicationDesk(Desk):
    """业务申请单 in sight; ``q`` finds by number, subject, customer or pinyin initials.

    List, form and page are its own, for their trial calculation; the acts, the print-out and
    the endpoints are those of every desk.
    """

    kind_code = KIND_CODE
    namespace = "applications"
    name = ""
    path = "business-applications"
    icon = "file-dollar"
    section = "business"
    section_label = _("Business management")
    plural = _("Business applications")
    order = 10
    has_biz_status = True
    origin = Origin(
        field="opportunity",
        label=_("Opportunity"),
        candidates=own_opportunities,
        search=("subject", "customer__search_text"),
    )

    @property
    def filter_class(self) -> type[ApplicationFilter]:
        from applications.filters import ApplicationFilter

        return ApplicationFilter

    def may_see_list(self, user: Employee) -> bool:
        return may_see_list(user)

    def may_create(self, user: Employee) -> bool:
        return may_apply(user)

    def may_void(self, document: Any, user: Employee) -> bool:
        return may_void(user, document)

    def rows(self, user: Employee) -> QuerySet:
        return application_list(user)

    def new_url(self, origin: Model | None = None) -> str:
        return self.url("new", origin.pk) if origin else self.url("choose_opportunity")


DESK = ApplicationDesk()
