"""签名图片: keep how one signs; the picture is cleaned, and what was used once stays."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from PIL import Image, ImageOps

from lending_crm.common.changes import record_changes
from lending_crm.common.errors import DomainError
from staff.models import Employee, SignatureImage
from staff.services.guards import lock_row

MOST_BYTES = 1024 * 1024
MOST_PIXELS = 4_000_000
#: a signature is printed about 40 mm wide; more than this only costs space
LARGEST = (900, 300)


@transaction.atomic
def keep_signature(
    *, actor: Employee, content: bytes, now: datetime, ip: str | None = None
) -> SignatureImage:
    """Keep a PNG or JPEG as the person's signature from now on.

    The picture is drawn anew as PNG: what hides in the file is left behind, transparency
    stays, and it is made smaller than ``LARGEST``. Earlier signatures are kept, because
    decisions name them. Raises SIG-01 (too large), SIG-02 (no PNG or JPEG), SIG-03 (empty).
    """
    picture = _cleaned(content)
    digest = hashlib.sha256(picture[0]).hexdigest()
    person = lock_row(Employee, actor.pk)
    row, _is_new = SignatureImage.objects.get_or_create(
        employee=person,
        sha256=digest,
        defaults={
            "image": picture[0], "width": picture[1], "height": picture[2], "made_at": now,
        },
    )  # fmt: skip
    _use(person, digest, actor=actor, now=now, ip=ip)
    return row


@transaction.atomic
def drop_signature(*, actor: Employee, now: datetime, ip: str | None = None) -> None:
    """Sign without a picture from now on; decisions keep theirs."""
    _use(lock_row(Employee, actor.pk), "", actor=actor, now=now, ip=ip)


def _use(person: Employee, digest: str, *, actor: Employee, now: datetime, ip: str | None) -> None:
    before = {"signature": person.signature_sha256[:12]}
    person.signature_sha256 = digest
    person.save(update_fields=["signature_sha256"])
    after = {"signature": digest[:12]}
    record_changes(instance=person, before=before, after=after, actor=actor, now=now, ip=ip)


def _cleaned(content: bytes) -> tuple[bytes, int, int]:
    if len(content) > MOST_BYTES:
        raise _refused("SIG-01", _("A signature image has at most 1 MB."))
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as source:
            if source.width * source.height > MOST_PIXELS:
                raise _refused("SIG-01", _("A signature image has at most 4 million pixels."))
            picture = ImageOps.exif_transpose(source).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _refused("SIG-02", _("Only PNG and JPEG images can be a signature.")) from error
    picture.thumbnail(LARGEST)
    if _is_empty(picture):
        raise _refused("SIG-03", _("The image is empty: sign first."))
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue(), picture.width, picture.height


def _is_empty(picture: Image.Image) -> bool:
    """One colour all over, seen on white paper."""
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    return paper.convert("L").getextrema()[0] == paper.convert("L").getextrema()[1]


def _refused(code: str, sentence: object) -> DomainError:
    return DomainError(code, sentence, status=422, field="image")  # type: ignore[arg-type]
