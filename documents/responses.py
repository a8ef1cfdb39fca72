"""What pages and the API share in answering with a file."""

from __future__ import annotations

from typing import IO

from django.http import FileResponse, HttpRequest

from documents.choices import ExportForm
from documents.models import AuditExport
from documents.services.downloads import HandedOut

# A stored file is never a page of ours: no script, no form, no frame, nothing loaded.
_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
# The PDF viewer of the browser does not start in a sandbox; it runs no script of the page.
_VIEWER = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"


def file_response(handed: HandedOut) -> FileResponse:
    """Send a file so that no browser takes it for a page; names may be Chinese."""
    response = FileResponse(
        handed.stream,
        as_attachment=not handed.is_preview,
        filename=handed.file_name,
        content_type=handed.mime,
    )
    is_viewer = handed.is_preview and handed.mime == "application/pdf"
    response["Content-Security-Policy"] = _VIEWER if is_viewer else _SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def client_ip(request: HttpRequest) -> str | None:
    """The asker's address for the logs; none behind a socket."""
    return request.META.get("REMOTE_ADDR") or None


_EXPORT_TYPES = {
    ExportForm.PACK: ("zip", "application/zip"),
    ExportForm.PDF: ("pdf", "application/pdf"),
    ExportForm.JSON: ("json", "application/json"),
}


def export_response(export: AuditExport, stream: IO[bytes]) -> FileResponse:
    """Send an exported case under its document number."""
    extension, mime = _EXPORT_TYPES[ExportForm(export.form)]
    name = f"{export.case.doc_no}-audit-{export.pk}.{extension}"
    handed = HandedOut(stream, name, mime, is_preview=False)
    return file_response(handed)
