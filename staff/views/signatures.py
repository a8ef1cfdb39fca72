"""The signature in one's profile: upload it, draw it, look at it, drop it."""

from __future__ import annotations

import base64
import binascii

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lending_crm.common.errors import DomainError, not_found
from staff.models import SignatureImage
from staff.services.signatures import MOST_BYTES, drop_signature, keep_signature
from staff.views.request import actor_of, ip_of

_DRAWN = "data:image/png;base64,"


@login_required
def signature(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            keep_signature(
                actor=actor, content=_content(request), now=timezone.now(), ip=ip_of(request)
            )
        except DomainError as error:
            refusal = error
        else:
            messages.success(request, _("Your signature is kept."))
            return redirect("staff:signature")
    context = {"refusal": refusal, "has_signature": bool(actor.signature_sha256)}
    return render(request, "staff/signature.html", context, status=422 if refusal else 200)


def _content(request: HttpRequest) -> bytes:
    """The uploaded file, or what was drawn."""
    upload = request.FILES.get("image")
    if upload is not None:
        return upload.read(MOST_BYTES + 1)
    drawn = request.POST.get("drawn", "")
    try:
        return base64.b64decode(drawn.removeprefix(_DRAWN), validate=True)
    except (binascii.Error, ValueError):
        return b""


@login_required
@require_POST
def signature_drop(request: HttpRequest) -> HttpResponse:
    drop_signature(actor=actor_of(request), now=timezone.now(), ip=ip_of(request))
    messages.success(request, _("Your signature is no longer used."))
    return redirect("staff:signature")


@login_required
@never_cache
@require_GET
def signature_image(request: HttpRequest) -> HttpResponse:
    """One's own present signature; nobody else's."""
    actor = actor_of(request)
    row = SignatureImage.objects.filter(employee=actor, sha256=actor.signature_sha256).first()
    if row is None:
        raise not_found()
    return HttpResponse(bytes(row.image), content_type="image/png")
