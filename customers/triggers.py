"""Triggers that keep which documents are about a 不良 customer (domain.md §1).

Asset recovery reads them, and its lists need an index: in the customers' own column the answer
is found only through all bad customers, for every page. The customer and each table that leads
to one have a trigger of their own, so that whoever writes, writes this too.
"""

from __future__ import annotations

import pgtrigger

from customers.choices import CustomerStatus

_BAD = f"'{CustomerStatus.BAD}'"

#: For the child table of a kind of documents that leads to a customer by ``customer_id``. The
#: lock lets whoever turns the customer bad wait for this document, or this one sees it.
follows_bad_customer = pgtrigger.Trigger(
    name="follows_bad_customer",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("customer_id"),
    declare=[("is_bad", "boolean")],
    func=(
        "IF TG_OP = 'UPDATE' AND NEW.customer_id IS NOT DISTINCT FROM OLD.customer_id"  # noqa: S608 - only our own names
        " THEN RETURN NULL; END IF;"
        f" SELECT biz_status = {_BAD} INTO is_bad FROM customers_customer"
        " WHERE id = NEW.customer_id FOR KEY SHARE;"
        " is_bad := coalesce(is_bad, false);"
        " UPDATE documents_document SET about_bad_customer = is_bad"
        " WHERE id = NEW.document_ptr_id AND about_bad_customer <> is_bad;"
        " RETURN NULL;"
    ),
)

#: For the customer. The tables that follow are those that have the trigger above. Before it
#: changes, the row is locked whole, whatever columns are written: that waits for documents that
#: are just being made, and the next ones wait for it. Cases before documents, as every act on a
#: case locks them.
turns_bad = pgtrigger.Trigger(
    name="turns_bad",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("biz_status"),
    condition=pgtrigger.Condition(
        f"OLD.biz_status <> NEW.biz_status AND {_BAD} IN (OLD.biz_status, NEW.biz_status)"
    ),
    declare=[("about", "text"), ("is_bad", "boolean")],
    func=(
        f"is_bad := NEW.biz_status = {_BAD};"  # noqa: S608 - only our own names
        " PERFORM FROM customers_customer WHERE id = OLD.id FOR UPDATE;"
        " FOR about IN SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger"
        " WHERE tgname LIKE 'pgtrigger\\_follows\\_bad\\_customer\\_%' LOOP"
        " EXECUTE format('UPDATE workflows_case SET about_bad_customer = $1"
        " WHERE about_bad_customer <> $1 AND id IN (SELECT d.case_id FROM %s a"
        " JOIN documents_document d ON d.id = a.document_ptr_id WHERE a.customer_id = $2)',"
        " about) USING is_bad, NEW.id;"
        " EXECUTE format('UPDATE documents_document SET about_bad_customer = $1"
        " WHERE about_bad_customer <> $1 AND id IN (SELECT document_ptr_id FROM %s"
        " WHERE customer_id = $2)', about) USING is_bad, NEW.id;"
        " END LOOP; RETURN NEW;"
    ),
)
