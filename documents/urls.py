"""Pages of attachments and supplements, for every kind of document alike."""

from django.urls import path

from documents.views import attachments, audit, prints, record, supplements, voiding

app_name = "documents"
_ATTACHMENT = "documents/<int:document_id>/attachments/<int:attachment_id>/"

urlpatterns = [
    path("cases/<int:case_id>/exports/", audit.exports, name="exports"),
    path("exports/<int:export_id>/", audit.download, name="export"),
    path("documents/<int:document_id>/attachments/", attachments.attachments, name="attachments"),
    path(_ATTACHMENT, attachments.download, name="attachment"),
    path(f"{_ATTACHMENT}preview/", attachments.preview, name="attachment_preview"),
    path(f"{_ATTACHMENT}replace/", attachments.replace, name="attachment_replace"),
    path(f"{_ATTACHMENT}remove/", attachments.remove, name="attachment_remove"),
    path("documents/<int:document_id>/supplements/", supplements.panel, name="supplement_panel"),
    path("documents/<int:document_id>/record/", record.record, name="record"),
    path("documents/<int:document_id>/prints/<int:print_id>/", prints.paper, name="print"),
    path("documents/void-requests/", voiding.requests, name="void_requests"),
    path("documents/void-requests/<int:request_id>/", voiding.detail, name="void_request"),
    path("documents/void-requests/<int:request_id>/confirm/", voiding.confirm, name="void_confirm"),
    path("documents/void-requests/<int:request_id>/decline/", voiding.decline, name="void_decline"),
    path(
        "documents/void-requests/<int:request_id>/withdraw/",
        voiding.withdraw,
        name="void_withdraw",
    ),
    path("documents/supplements/", supplements.supplement_list, name="supplements"),
    path("documents/supplements/new/", supplements.supplement_new, name="supplement_new"),
    path(
        "documents/supplements/<int:supplement_id>/",
        supplements.supplement_detail,
        name="supplement",
    ),
    path(
        "documents/supplements/<int:supplement_id>/files/",
        supplements.add_file,
        name="supplement_add_file",
    ),
    path(
        "documents/supplements/<int:supplement_id>/files/<int:attachment_id>/remove/",
        supplements.remove_file,
        name="supplement_remove_file",
    ),
    path(
        "documents/supplements/<int:supplement_id>/submit/",
        supplements.submit,
        name="supplement_submit",
    ),
    path(
        "documents/supplements/<int:supplement_id>/discard/",
        supplements.discard,
        name="supplement_discard",
    ),
]
