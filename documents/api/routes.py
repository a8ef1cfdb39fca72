"""The addresses that every kind of document offers below its own."""

from __future__ import annotations

from django.urls import URLPattern, path

from documents.api import views


def document_routes(prefix: str, kind: str) -> list[URLPattern]:
    """Attachments and supplements below ``{prefix}/{document_id}/``.

    ``prefix`` is the collection's address (``business-applications``), ``kind`` the code of
    its document kind. Names are ``{prefix}-attachments``, ``{prefix}-attachment``, …
    """
    one = f"{prefix}/<int:document_id>"
    attachment = f"{one}/attachments/<int:attachment_id>"
    supplement = f"{one}/supplements/<int:supplement_id>"
    routes = {
        f"{one}/attachments/": (views.AttachmentCollection, "attachments"),
        f"{attachment}/": (views.AttachmentItem, "attachment"),
        f"{attachment}/versions/": (views.AttachmentVersions, "attachment-versions"),
        f"{attachment}/content/": (views.AttachmentContent, "attachment-content"),
        f"{one}/supplements/": (views.SupplementCollection, "supplements"),
        f"{supplement}/": (views.SupplementItem, "supplement"),
        f"{supplement}/files/": (views.SupplementFiles, "supplement-files"),
        f"{supplement}/files/<int:attachment_id>/": (views.SupplementFile, "supplement-file"),
        f"{one}/prints/": (views.PrintCollection, "prints"),
        f"{one}/prints/<int:print_id>/content/": (views.PrintContent, "print-content"),
        f"{supplement}/submit/": (views.SupplementSubmission, "supplement-submit"),
    }
    return [
        path(address, view.as_view(kind=kind), name=f"{prefix}-{name}")
        for address, (view, name) in routes.items()
    ]
