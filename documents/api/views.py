"""Attachments and supplements under a document's address; the document's app mounts them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from documents.api import serializers
from documents.kinds import routed_kind
from documents.models import Supplement
from documents.responses import client_ip, file_response
from documents.selectors import (
    attachment_panel,
    prints_of,
    readable_attachment,
    readable_print,
    readable_supplement,
    supplement_panel,
    versions_of,
    visible_document,
)
from documents.services import attachments as attachment_acts
from documents.services import supplements as supplement_acts
from documents.services.downloads import hand_out
from documents.services.printing import print_document
from documents.services.prints import open_print
from lending_crm.common.errors import not_found

_CREATED = status.HTTP_201_CREATED


class DocumentView(APIView):
    """Below one document of one kind, which the user may see; otherwise 404."""

    #: set by ``routes.document_routes``; a document of another kind is not found here
    kind: ClassVar[str] = ""

    def document(self) -> Any:
        document = visible_document(self.kwargs["document_id"], self.request.user)
        if self.kind and document.kind != self.kind:
            raise not_found()
        return document

    def values(self, serializer: type[Serializer]) -> dict[str, Any]:
        """The request's body, checked for its types."""
        checked = serializer(data=self.request.data)
        checked.is_valid(raise_exception=True)
        return checked.validated_data

    def supplement(self, supplement_id: int) -> Supplement:
        found = readable_supplement(supplement_id, self.request.user)
        if found.document_id != self.document().pk:
            raise not_found()
        return found

    def answer(self, supplement_id: int, code: int = status.HTTP_200_OK) -> Response:
        supplement = readable_supplement(supplement_id, self.request.user)
        return Response(serializers.SupplementSerializer(supplement).data, status=code)


class AttachmentCollection(DocumentView):
    """The attachments of a document."""

    @extend_schema(responses=serializers.AttachmentListSerializer)
    def get(self, request: Request, document_id: int) -> Response:
        """Current attachments by category, and which required categories are missing."""
        panel = attachment_panel(self.document(), request.user)
        rows = [row.current for group in panel.groups for row in group.rows]
        shown = {"may_edit": panel.may_edit, "categories": panel.groups, "results": rows}
        return Response(serializers.AttachmentListSerializer(shown).data)

    @extend_schema(
        request={"multipart/form-data": serializers.AttachmentInput},
        responses={201: serializers.AttachmentSerializer},
    )
    def post(self, request: Request, document_id: int) -> Response:
        """Add a file (ATT-01 under approval, ATT-02 for a file that is not taken)."""
        document = self.document()
        attachment_acts.ensure_attachable(document, request.user)
        values = self.values(serializers.AttachmentInput)
        attachment = attachment_acts.add_attachment(
            document_id=document.pk,
            actor=request.user,
            now=timezone.now(),
            title=values["title"],
            category=values["category"],
            upload=values["file"],
            ip=client_ip(request._request),
        )
        return Response(serializers.AttachmentSerializer(attachment).data, status=_CREATED)


class AttachmentItem(DocumentView):
    """One attachment of a document."""

    @extend_schema(responses=serializers.AttachmentSerializer(many=True))
    def get(self, request: Request, document_id: int, attachment_id: int) -> Response:
        """All versions of the attachment, the newest first."""
        self.document()
        attachment = readable_attachment(document_id, attachment_id, request.user)
        return Response(serializers.AttachmentSerializer(versions_of(attachment), many=True).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, document_id: int, attachment_id: int) -> Response:
        """Take the attachment off the document; its row and its bytes stay on record."""
        self.document()
        attachment = readable_attachment(document_id, attachment_id, request.user)
        attachment_acts.remove_attachment(
            attachment_id=attachment.pk,
            actor=request.user,
            now=timezone.now(),
            ip=client_ip(request._request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class AttachmentVersions(DocumentView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": serializers.VersionInput},
        responses={201: serializers.AttachmentSerializer},
    )
    def post(self, request: Request, document_id: int, attachment_id: int) -> Response:
        """Put a new version in the place of the file; the old one stays."""
        attachment_acts.ensure_attachable(self.document(), request.user)
        attachment = readable_attachment(document_id, attachment_id, request.user)
        values = self.values(serializers.VersionInput)
        replaced = attachment_acts.replace_attachment(
            attachment_id=attachment.pk,
            actor=request.user,
            now=timezone.now(),
            upload=values["file"],
            title=values["title"],
            ip=client_ip(request._request),
        )
        return Response(serializers.AttachmentSerializer(replaced).data, status=_CREATED)


class AttachmentContent(DocumentView):
    @extend_schema(
        parameters=[OpenApiParameter("preview", bool, description="1: show, do not save")],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, document_id: int, attachment_id: int) -> FileResponse:
        """The file; pictures carry the reader's name. Every call is logged."""
        self.document()
        attachment = readable_attachment(document_id, attachment_id, request.user)
        handed = hand_out(
            file=attachment.file,
            file_name=attachment.file_name,
            attachment=attachment,
            actor=request.user,
            now=timezone.now(),
            ip=client_ip(request._request),
            is_preview=request.query_params.get("preview") == "1",
        )
        return file_response(handed)


class SupplementCollection(DocumentView):
    """The supplements of a document."""

    @extend_schema(responses=serializers.SupplementSerializer(many=True))
    def get(self, request: Request, document_id: int) -> Response:
        panel = supplement_panel(self.document(), request.user)
        return Response(serializers.SupplementSerializer(panel.supplements, many=True).data)

    @extend_schema(
        request=serializers.SupplementInput, responses={201: serializers.SupplementSerializer}
    )
    def post(self, request: Request, document_id: int) -> Response:
        """Open a draft (SUP-01 unless the document is under approval)."""
        document = self.document()
        supplement_acts.ensure_open(routed_kind(document.kind), document, request.user)
        values = self.values(serializers.SupplementInput)
        draft = supplement_acts.create_supplement(
            document_id=document.pk, actor=request.user, now=timezone.now(), **values
        )
        return self.answer(draft.pk, _CREATED)


class SupplementItem(DocumentView):
    """One supplement of a document."""

    @extend_schema(responses=serializers.SupplementSerializer)
    def get(self, request: Request, document_id: int, supplement_id: int) -> Response:
        """The supplement; from here on it counts as read."""
        supplement = self.supplement(supplement_id)
        supplement_acts.mark_read(supplement=supplement, actor=request.user, now=timezone.now())
        return Response(serializers.SupplementSerializer(supplement).data)

    @extend_schema(request=serializers.SupplementInput, responses=serializers.SupplementSerializer)
    def put(self, request: Request, document_id: int, supplement_id: int) -> Response:
        """Change the words of a draft (SUP-03 once it is submitted)."""
        supplement = self.supplement(supplement_id)
        values = self.values(serializers.SupplementInput)
        supplement_acts.update_supplement(supplement_id=supplement.pk, actor=request.user, **values)
        return self.answer(supplement.pk)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, document_id: int, supplement_id: int) -> Response:
        """Give up a draft (SUP-03 once it is submitted)."""
        supplement = self.supplement(supplement_id)
        supplement_acts.discard_supplement(
            supplement_id=supplement.pk, actor=request.user, now=timezone.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class SupplementFiles(DocumentView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": serializers.AttachmentInput},
        responses={201: serializers.AttachmentSerializer},
    )
    def post(self, request: Request, document_id: int, supplement_id: int) -> Response:
        """Add a file to a draft."""
        supplement = self.supplement(supplement_id)
        values = self.values(serializers.AttachmentInput)
        attachment = supplement_acts.add_supplement_file(
            supplement_id=supplement.pk,
            actor=request.user,
            now=timezone.now(),
            title=values["title"],
            category=values["category"],
            upload=values["file"],
        )
        return Response(serializers.AttachmentSerializer(attachment).data, status=_CREATED)


class SupplementFile(DocumentView):
    @extend_schema(responses={204: None})
    def delete(
        self, request: Request, document_id: int, supplement_id: int, attachment_id: int
    ) -> Response:
        """Take a file off a draft."""
        supplement = self.supplement(supplement_id)
        if not any(file.pk == attachment_id for file in supplement.files):  # type: ignore[attr-defined]
            raise not_found()
        supplement_acts.remove_supplement_file(
            attachment_id=attachment_id, actor=request.user, now=timezone.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class SupplementSubmission(DocumentView):
    @extend_schema(request=None, responses=serializers.SupplementSerializer)
    def post(self, request: Request, document_id: int, supplement_id: int) -> Response:
        """Hand the material in; the case does not move (SUP-01, SUP-02, SUP-03)."""
        supplement = self.supplement(supplement_id)
        supplement_acts.submit_supplement(
            supplement_id=supplement.pk, actor=request.user, now=timezone.now()
        )
        return self.answer(supplement.pk)


class PrintCollection(DocumentView):
    """The prints of a document."""

    @extend_schema(responses=serializers.PrintSerializer(many=True))
    def get(self, request: Request, document_id: int) -> Response:
        """Who printed which form when, the latest first."""
        rows = [row.record for row in prints_of(self.document())]
        return Response(serializers.PrintSerializer(rows, many=True).data)

    @extend_schema(request=serializers.PrintInput, responses={201: serializers.PrintSerializer})
    def post(self, request: Request, document_id: int) -> Response:
        """Print a form; ``form`` may be left out where the document has one only.

        The print is counted (PRT-03 for an endless reason); its paper is at ``content/``.
        """
        document = self.document()
        values = self.values(serializers.PrintInput)
        kind = routed_kind(document.kind)
        form = values["form"] or next(iter(kind.print_forms), "")
        record = print_document(
            document=kind.get(document.pk),
            form=form,
            actor=request.user,
            now=timezone.now(),
            reason=values["reason"],
        )
        return Response(serializers.PrintSerializer(record).data, status=_CREATED)


class PrintContent(DocumentView):
    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, document_id: int, print_id: int) -> FileResponse:
        """The paper as it was printed. Every call is logged."""
        handed = open_print(
            record=readable_print(self.document().pk, print_id, request.user),
            actor=request.user,
            now=timezone.now(),
            ip=client_ip(request._request),
        )
        return file_response(handed)
