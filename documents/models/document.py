"""What every routed document shares, in one table, so that attachments, supplements and
cases point at it with real foreign keys."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from documents import triggers
from documents.choices import EDITABLE_STATUSES, WfStatus
from documents.querysets import DocumentQuerySet
from lending_crm.common.search import SearchIndex
from lending_crm.common.triggers import kept_by_triggers


class Document(models.Model):
    """A routed document; each kind adds its own fields in a child table."""

    kind = models.CharField(max_length=40, editable=False)
    doc_no = models.CharField(_("document number"), max_length=40, unique=True, editable=False)
    subject = models.CharField(_("subject"), max_length=100)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="handled_documents",
        verbose_name=_("handler"),
    )
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="created_documents",
        verbose_name=_("creator"),
    )
    department = models.ForeignKey(
        "staff.Department",
        models.PROTECT,
        db_index=False,
        related_name="documents",
        verbose_name=_("department"),
    )
    branch = models.ForeignKey(
        "staff.Branch",
        models.PROTECT,
        db_index=False,
        related_name="documents",
        verbose_name=_("owning branch"),
    )
    remark = models.TextField(_("remark"), blank=True)
    wf_status = models.CharField(
        _("approval status"),
        max_length=12,
        choices=WfStatus.choices,
        default=WfStatus.DRAFT,
        editable=False,
    )
    void_reason = models.CharField(
        _("reason for voiding"), max_length=500, blank=True, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    case = models.OneToOneField(
        "workflows.Case", models.PROTECT, null=True, editable=False, related_name="document"
    )
    #: about a 不良 customer, so that 资产保全部 reads it; ``customers.triggers`` keep it
    about_bad_customer = models.BooleanField(default=False, editable=False)
    #: sent with the form or the API call, so that a double click makes one document
    creation_key = models.UUIDField(null=True, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), editable=False)
    updated_at = models.DateTimeField(_("updated at"), editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(wf_status__in=WfStatus.values), name="document_wf_status"
            )
        ]
        indexes = [
            models.Index(fields=["kind", "-created_at", "-id"], name="document_of_kind"),
            models.Index(
                fields=["kind", "branch", "-created_at", "-id"], name="document_of_branch"
            ),
            models.Index(
                fields=["kind", "wf_status", "-created_at", "-id"], name="document_of_status"
            ),
            models.Index(
                fields=["kind", "department", "-created_at", "-id"], name="document_of_department"
            ),
            models.Index(
                fields=["handler", "kind", "-created_at", "-id"], name="document_of_handler"
            ),
            models.Index(
                fields=["kind", "-created_at", "-id"],
                name="document_about_bad_customer",
                condition=models.Q(about_bad_customer=True),
            ),
            # Which documents came to a person, and which cases are of a scope, is read from
            # these alone.
            models.Index(
                fields=["case"],
                include=["id", "kind", "handler", "branch", "department", "about_bad_customer"],
                name="document_of_case",
            ),
            models.Index(fields=["branch", "case"], name="document_cases_of_branch"),
            models.Index(fields=["department", "case"], name="document_cases_of_department"),
            SearchIndex("doc_no__lower", name="document_no_search"),
            SearchIndex("subject__lower", name="document_subject_search"),
        ]
        triggers = [
            triggers.frozen_document,
            triggers.final_status,
            triggers.kept_document,
            triggers.case_about_bad_customer,
            kept_by_triggers("about_bad_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.doc_no} {self.subject}"

    @property
    def is_editable(self) -> bool:
        return self.wf_status in EDITABLE_STATUSES
