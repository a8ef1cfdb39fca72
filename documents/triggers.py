"""Database triggers behind N4: no document changes while or after it is decided.

The services refuse first and in words; these triggers hold for the API, imports, the
admin and raw SQL alike. What the engine itself must write (the approved terms, a
correction that a stage allows) runs inside ``documents.engine_door.engine_writes``.
"""

from __future__ import annotations

from collections.abc import Iterable

import pgtrigger

from documents.choices import EDITABLE_STATUSES

_EDITABLE = ", ".join(f"'{status}'" for status in EDITABLE_STATUSES)
_ENGINE_WRITES = "coalesce(current_setting('lending.engine', true), '') = 'on'"
_LET_THROUGH = "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
# check_violation: Django raises IntegrityError, as for every other broken rule of the data.
_REFUSE = (
    "RAISE EXCEPTION 'WF-04: document % is % and cannot be changed', {document}, status"
    " USING ERRCODE = 'check_violation';"
)


def _parent_status(document: str) -> str:
    # FOR SHARE waits for a submission that is just happening and then sees its status.
    return (
        f"SELECT wf_status INTO status FROM documents_document WHERE id = {document} FOR SHARE;"  # noqa: S608 - only our own column names
        f" IF status NOT IN ({_EDITABLE}) THEN {_REFUSE.format(document=document)} END IF;"
    )


def _changed(free: Iterable[str]) -> str:
    names = ", ".join(f"'{name}'" for name in free)
    return (
        f"(to_jsonb(OLD) - ARRAY[{names}]::text[])"
        f" IS DISTINCT FROM (to_jsonb(NEW) - ARRAY[{names}]::text[])"
    )


def frozen_rows(*, document_column: str = "document_id") -> pgtrigger.Trigger:
    """For a table whose rows belong to a document (amount lines, guarantees, …).

    No row is added, changed or removed unless the document is a draft, returned or
    withdrawn. ``document_column`` names the column that holds the document's id.
    """
    return pgtrigger.Trigger(
        name="frozen_with_document",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("status", "text")],
        func=(
            f"IF {_ENGINE_WRITES} THEN {_LET_THROUGH} END IF;"
            f" IF TG_OP <> 'INSERT' THEN {_parent_status(f'OLD.{document_column}')} END IF;"
            f" IF TG_OP <> 'DELETE' THEN {_parent_status(f'NEW.{document_column}')} END IF;"
            f" {_LET_THROUGH}"
        ),
    )


def frozen_fields(*, free: Iterable[str] = ()) -> pgtrigger.Trigger:
    """For the child table of one document kind (multi-table inheritance).

    Its columns, but for those in ``free`` (the business status, for example), change only
    while the document is a draft, returned or withdrawn.
    """
    return pgtrigger.Trigger(
        name="frozen_with_document",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        declare=[("status", "text")],
        func=(
            f"IF {_ENGINE_WRITES} THEN {_LET_THROUGH} END IF;"
            f" IF TG_OP = 'DELETE' OR {_changed(free)} THEN"
            f" {_parent_status('OLD.document_ptr_id')} END IF;"
            f" {_LET_THROUGH}"
        ),
    )


_MOVING = ("wf_status", "version", "case_id", "updated_at", "about_bad_customer")

#: The document's own row: only what the engine keeps there may move once it is submitted.
frozen_document = pgtrigger.Trigger(
    name="frozen_in_approval",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    declare=[("status", "text")],
    func=(
        f"status := OLD.wf_status;"
        f" IF status NOT IN ({_EDITABLE}) AND NOT {_ENGINE_WRITES}"
        f" AND {_changed(_MOVING)}"
        f" THEN {_REFUSE.format(document='OLD.id')} END IF;"
        " RETURN NEW;"
    ),
)

#: Decided is decided: no status leads out of REJECTED and VOID, and only VOID out of APPROVED,
#: which takes the confirmed request of two people.
final_status = pgtrigger.Trigger(
    name="final_status",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(
        "OLD.wf_status <> NEW.wf_status AND OLD.wf_status IN ('APPROVED', 'REJECTED', 'VOID')"
    ),
    func=(
        "IF OLD.wf_status = 'APPROVED' AND NEW.wf_status = 'VOID' AND EXISTS ("
        "SELECT 1 FROM documents_voidrequest WHERE document_id = OLD.id"
        " AND state = 'CONFIRMED') THEN RETURN NEW; END IF;"
        " RAISE EXCEPTION 'document % is %, which is final', OLD.id, OLD.wf_status"
        " USING ERRCODE = 'check_violation';"
    ),
)

#: Its case repeats ``about_bad_customer``, for the lists of cases.
case_about_bad_customer = pgtrigger.Trigger(
    name="case_about_bad_customer",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("about_bad_customer", "case_id"),
    condition=pgtrigger.Condition(
        "NEW.case_id IS NOT NULL AND (OLD.about_bad_customer <> NEW.about_bad_customer"
        " OR OLD.case_id IS DISTINCT FROM NEW.case_id)"
    ),
    func=(
        "UPDATE workflows_case SET about_bad_customer = NEW.about_bad_customer"
        " WHERE id = NEW.case_id AND about_bad_customer <> NEW.about_bad_customer;"
        " RETURN NULL;"
    ),
)

#: Documents are voided, never deleted: their numbers and their history stay.
kept_document = pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)

_ATTACHMENT_FILE_CHANGED = (
    "(NEW.document_id, NEW.supplement_id, NEW.file_id, NEW.series, NEW.version,"
    " NEW.uploaded_by_id, NEW.uploaded_at) IS DISTINCT FROM"
    " (OLD.document_id, OLD.supplement_id, OLD.file_id, OLD.series, OLD.version,"
    " OLD.uploaded_by_id, OLD.uploaded_at)"
)
_SUPPLEMENT_CLOSED = (
    "SELECT submitted_at IS NOT NULL OR discarded_at IS NOT NULL INTO closed"
    " FROM documents_supplement WHERE id = NEW.supplement_id FOR SHARE;"
)

#: Attachments of the document follow its status; those of a supplement, the supplement's.
frozen_attachment = pgtrigger.Trigger(
    name="frozen_with_owner",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    declare=[("status", "text"), ("closed", "boolean")],
    func=(
        f"IF TG_OP = 'UPDATE' AND {_ATTACHMENT_FILE_CHANGED} THEN"
        " RAISE EXCEPTION 'ATT-01: attachment % never changes its file', OLD.id"
        " USING ERRCODE = 'check_violation'; END IF;"
        # What proves an act after the approval comes through the engine's door.
        f" IF TG_OP = 'INSERT' AND {_ENGINE_WRITES} THEN RETURN NEW; END IF;"
        f" IF NEW.supplement_id IS NULL THEN {_parent_status('NEW.document_id')}"
        f" ELSE {_SUPPLEMENT_CLOSED} IF closed THEN"
        " RAISE EXCEPTION 'SUP-03: supplement % is submitted', NEW.supplement_id"
        " USING ERRCODE = 'check_violation'; END IF; END IF;"
        " RETURN NEW;"
    ),
)

kept_attachment = pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)
