"""Database triggers behind RPT-01, RPT-03, RPT-04 and PLN-03."""

import pgtrigger

_VIOLATION = "USING ERRCODE = 'check_violation'"
_REPORT_OF = (
    "SELECT status, author_id INTO report FROM reports_workreport"
    " WHERE id = {row}.report_id FOR SHARE;"
)
_FREE = "ARRAY['status', 'version', 'updated_at']::text[]"

#: RPT-01 and RPT-03: submitted only with a receiver; its content and its past stay then.
frozen_report = pgtrigger.Trigger(
    name="frozen_once_submitted",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=(
        "IF OLD.status <> 'DRAFT' THEN"  # noqa: S608 - only our own column names
        f" IF (to_jsonb(OLD) - {_FREE}) IS DISTINCT FROM (to_jsonb(NEW) - {_FREE})"
        " OR array_position(ARRAY['DRAFT', 'SUBMITTED', 'READ', 'COMMENTED'], NEW.status::text)"
        " < array_position(ARRAY['DRAFT', 'SUBMITTED', 'READ', 'COMMENTED'], OLD.status::text)"
        f" THEN RAISE EXCEPTION 'RPT-03: report % is submitted', OLD.id {_VIOLATION}; END IF;"
        " ELSIF NEW.status <> 'DRAFT' AND NOT EXISTS (SELECT 1 FROM reports_reportreceiver"
        " WHERE report_id = NEW.id AND kind = 'REPORT')"
        f" THEN RAISE EXCEPTION 'RPT-01: report % has no receiver', OLD.id {_VIOLATION};"
        " END IF; RETURN NEW;"
    ),
)

#: A report begins as a draft, so that nothing slips past the check of its receivers.
begins_as_draft = pgtrigger.Protect(
    name="begins_as_draft",
    operation=pgtrigger.Insert,
    condition=pgtrigger.Condition("NEW.status <> 'DRAFT'"),
)

#: RPT-04, and RPT-03 for the list of receivers: only the moment of reading is added later.
frozen_receiver = pgtrigger.Trigger(
    name="frozen_with_report",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    declare=[("report", "record")],
    func=(
        f"IF TG_OP = 'DELETE' THEN {_REPORT_OF.format(row='OLD')}"
        f" ELSE {_REPORT_OF.format(row='NEW')} END IF;"
        " IF TG_OP <> 'DELETE' AND NEW.employee_id = report.author_id THEN"
        f" RAISE EXCEPTION 'RPT-04: an author receives nothing from himself' {_VIOLATION};"
        " END IF;"
        " IF report.status <> 'DRAFT' AND (TG_OP <> 'UPDATE'"
        " OR to_jsonb(OLD) - 'read_at' IS DISTINCT FROM to_jsonb(NEW) - 'read_at'"
        " OR OLD.read_at IS NOT NULL) THEN"
        f" RAISE EXCEPTION 'RPT-03: the receivers of a submitted report stay' {_VIOLATION};"
        " END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
    ),
)

append_only = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)

#: RPT-11: a comment stands below what was submitted.
comment_on_submitted = pgtrigger.Trigger(
    name="comment_on_submitted",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[("report", "record")],
    func=(
        f"{_REPORT_OF.format(row='NEW')} IF report.status = 'DRAFT' THEN"
        f" RAISE EXCEPTION 'RPT-11: a draft has no comments' {_VIOLATION}; END IF;"
        " RETURN NEW;"
    ),
)

#: PLN-03: what was done, or not, stays as it was written down.
finished_task = pgtrigger.Trigger(
    name="finished_is_kept",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    condition=pgtrigger.Condition("OLD.state <> 'OPEN'"),
    func=f"RAISE EXCEPTION 'PLN-03: task % is finished', OLD.id {_VIOLATION};",
)
