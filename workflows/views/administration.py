"""What every page of the flow administration begins with."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from lending_crm.common.errors import not_found
from workflows.menu import may_configure
from workflows.models import FlowVersion


def administrators_only(request: HttpRequest) -> None:
    """403 for everybody who does not configure flows."""
    if not may_configure(request.user):
        raise PermissionDenied(_("Only an information administrator may do this."))


def version_or_404(version_id: int) -> FlowVersion:
    found = FlowVersion.objects.select_related("definition").filter(pk=version_id).first()
    if found is None:
        raise not_found()
    return found
