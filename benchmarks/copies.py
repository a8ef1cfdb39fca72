"""The demo's lender multiplied in SQL.

Every copy of a row gets an id of its own, foreign keys follow, branches and their people are
copied too (``REGIONS`` of them, with their roles), names and their pinyin are new, dates are
spread over the years. Work items are copied whole, because they decide who sees a document; of
the stages only the open ones; history, snapshots and the rows inside documents are not, because
no list reads them. Indexes are built after the copying.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from benchmarks.names import company_names, person_names

REGIONS = 40
#: more than any id of the demo: copy n of row i has the id i + n * STEP
STEP = 10_000
CHANGES = 1_000_000

STAFF = ("staff_branch", "staff_department", "staff_employee", "staff_roleassignment")
PARTIES = ("customers_customergroup", "customers_customer", "customers_contact")
BUSINESS = (
    "customers_opportunity", "documents_document", "workflows_case", "workflows_stage",
    "workflows_workitem", "workflows_casecopy", "applications_businessapplication",
    "applications_reconsideration", "applications_intermediaryapplication",
    "contracts_contractreview", "funds_loan", "funds_scheduleversion", "funds_scheduleline",
    "funds_repayment", "funds_repaymentallocation", "funds_ledgerentry", "funds_fundtransfer",
    "postloan_extensionrequest", "postloan_postloansupervision", "postloan_supervisionreport",
)  # fmt: skip
CHILDREN = (
    "applications_businessapplication", "applications_reconsideration",
    "applications_intermediaryapplication", "contracts_contractreview", "funds_fundtransfer",
    "postloan_extensionrequest", "postloan_postloansupervision", "postloan_supervisionreport",
)  # fmt: skip
#: columns that must differ between copies; the copy's number is put behind them
NUMBERS = (
    "doc_no", "customer_no", "loan_no", "contract_no", "held_contract_no", "bank_ref", "code",
    "employee_no", "username",
)  # fmt: skip
LARGE = (
    "customers_customer", "customers_contact", "customers_opportunity", "documents_document",
    "workflows_case", "workflows_workitem", "applications_businessapplication",
    "contracts_contractreview", "funds_fundtransfer", "funds_loan", "funds_scheduleline",
    "funds_ledgerentry", "funds_repayment", "common_changerecord",
)  # fmt: skip


class Copier:
    """Multiplies the demo with set-based statements."""

    def __init__(self, connection: Any, documents: int, customers: int) -> None:
        self.connection = connection
        self.copies = documents // max(1, self._originals("documents_document"))
        self.sets = customers // max(1, self._originals("customers_customer"))
        self.keys = dict[tuple[str, str], str]()
        for table, column, target in self.rows(
            "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text"
            " FROM pg_constraint c JOIN pg_attribute a"
            " ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'"
        ):
            self.keys[table, column] = target

    def fill(self) -> None:
        tables = (*STAFF, *PARTIES, *BUSINESS, "common_changerecord")
        with self.connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("SET maintenance_work_mem = '512MB'")
            cursor.execute("SET max_parallel_maintenance_workers = 0")
            self._name(cursor)
            indexes = self._drop_indexes(cursor, tables)
            for table in tables:
                _tell(table, cursor, self._copy(table))
            for index in indexes:
                _tell(index.split()[-1] and index[:70], cursor, index)
            cursor.execute("SET session_replication_role = DEFAULT")
            self._add_up(cursor)
            for table in tables:
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                    f" (SELECT max(id) FROM {table}))"
                ) if "id" in dict(self._columns(table)) else None
            # Whatever else this server does may hold the catalogues that all databases share.
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("VACUUM ANALYZE")

    @property
    def is_filled(self) -> bool:
        return bool(self.rows(f"SELECT FROM customers_customer WHERE id > {STEP} LIMIT 1"))

    def size(self) -> str:
        counts = {
            table: self.one(f"SELECT reltuples::bigint FROM pg_class WHERE relname = '{table}'")
            for table in LARGE
        }
        return "\n".join(f"{table:40} {count:>10,}" for table, count in counts.items())

    def readers(self) -> dict[str, Any]:
        """People of the first copied region, and of head office."""
        from staff.models import Employee

        names = {"am": "am-1", "brm": "brm-1", "tl": "tl-1"}
        asked = ("am", "brm", "tl", "hrm", "fin", "ceo", "adm", "ard", "rc1")
        return {name: Employee.objects.get(username=names.get(name, name)) for name in asked}

    def _add_up(self, cursor: Any) -> None:
        """What the journal's trigger would have written, which the copying leaves out."""
        sums = ("principal", "interest", "penalty", "fee", "cash", "income")
        cursor.execute("TRUNCATE funds_ledgertotal")
        cursor.execute(
            f"INSERT INTO funds_ledgertotal (day, kind, entries, {', '.join(sums)})"
            f" SELECT day, kind, count(*), {', '.join(f'sum({name})' for name in sums)}"
            " FROM funds_ledgerentry GROUP BY day, kind"
        )

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def rows(self, sql: str) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def _originals(self, table: str) -> int:
        return int(self.one(f"SELECT count(*) FROM {table} WHERE id < {STEP}"))

    def _name(self, cursor: Any) -> None:
        """A name of its own for each copy of a customer and a contact, with its search key."""
        from lending_crm.common.text import search_key

        cursor.execute(
            "CREATE TEMPORARY TABLE new_name (customer_id bigint PRIMARY KEY, old text,"
            " name text, key text, person text, person_key text)"
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE party (document_id bigint PRIMARY KEY, customer_id bigint)"
        )
        for child in CHILDREN:
            cursor.execute(
                f"INSERT INTO party SELECT document_ptr_id, customer_id FROM {child}"
                " ON CONFLICT DO NOTHING"
            )
        known = self.rows("SELECT id, name FROM customers_customer ORDER BY id")
        names, people = company_names(), person_names()
        with cursor.copy("COPY new_name FROM STDIN") as copy:
            for number in range(1, self.sets + 1):
                for pk, old in known:
                    name, (person, person_key) = next(names), next(people)
                    copy.write_row(
                        (pk + number * STEP, old, name, search_key(name), person, person_key)
                    )
        cursor.execute("ANALYZE new_name")
        cursor.execute("ANALYZE party")

    def _drop_indexes(self, cursor: Any, tables: tuple[str, ...]) -> list[str]:
        names = ", ".join(f"'{table}'::regclass" for table in tables)
        found = self.rows(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
            f" WHERE i.indrelid IN ({names}) AND NOT i.indisprimary AND NOT EXISTS"
            " (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"
        )
        for name, _definition in found:
            cursor.execute(f"DROP INDEX {name}")
        return [definition for _name, definition in found]

    def _columns(self, table: str) -> list[tuple[str, str]]:
        return [
            (name, kind)
            for name, kind in self.rows(
                "SELECT column_name, data_type FROM information_schema.columns"
                f" WHERE table_name = '{table}' AND is_generated = 'NEVER'"
                " ORDER BY ordinal_position"
            )
        ]

    def _copy(self, table: str) -> str:
        last, where, joins = self.copies, "TRUE", ""
        if table in STAFF:
            last = REGIONS - 1
            branch = {"staff_branch": "o.id", "staff_roleassignment": "e.branch_id"}
            if table == "staff_roleassignment":
                joins = "JOIN staff_employee e ON e.id = o.employee_id"
            where = (
                f"{branch.get(table, 'o.branch_id')} NOT IN"
                " (SELECT id FROM staff_branch WHERE is_head_office)"
            )
        elif table in PARTIES:
            last = self.sets
        elif table == "common_changerecord":
            last = CHANGES // self.one("SELECT count(*) FROM common_changerecord")
        elif table == "workflows_stage":
            where = "o.finished IS NULL"
        elif table == "customers_opportunity":
            where = (
                f"(n <= {self.sets} OR o.id IN (SELECT opportunity_id FROM"
                " applications_businessapplication) OR o.id IN (SELECT opportunity_id FROM"
                " applications_intermediaryapplication))"
            )
        party = {
            "customers_customer": "o.id", "customers_contact": "o.customer_id",
            "documents_document": "p.customer_id", "workflows_case": "p.customer_id",
        }  # fmt: skip
        if table in party:
            if table == "documents_document":
                joins = "LEFT JOIN party p ON p.document_id = o.id"
            if table == "workflows_case":
                joins = "LEFT JOIN party p ON p.document_id = o.document_id"
            joins += f" LEFT JOIN new_name m ON m.customer_id = {party[table]} + {STEP} * cn"
        columns = self._columns(table)
        names = ", ".join(name for name, _kind in columns)
        shown = ", ".join(self._value(table, *column) for column in columns)
        # Rows of the demo itself only, whatever of the copies is there already.
        return (
            f"INSERT INTO {table} ({names}) SELECT {shown} FROM (SELECT n,"
            f" 1 + (n - 1) % {self.sets} AS cn, (1 + (n - 1) % {self.sets}) % {REGIONS} AS r"
            f" FROM generate_series(1, {last}) n) s CROSS JOIN {table} o {joins}"
            f" WHERE o.{self._key(table)} < {STEP} AND {where} ORDER BY n"
        )

    def _key(self, table: str) -> str:
        return "document_ptr_id" if table in CHILDREN else "id"

    def _value(self, table: str, name: str, kind: str) -> str:
        column = f"o.{name}"
        if (found := self._special(table, name, column)) is not None:
            return found
        target = self.keys.get((table, name), "")
        if name == "id":
            return f"o.id + {STEP}::bigint * n"
        if target in PARTIES:
            return f"{column} + {STEP}::bigint * {'n' if table in PARTIES else 'cn'}"
        if target in BUSINESS:
            return f"{column} + {STEP}::bigint * n"
        if target in ("staff_branch", "staff_department", "staff_employee"):
            number = "n" if table in STAFF else "r"
            head = f"SELECT id FROM {target} WHERE " + (
                "is_head_office" if target == "staff_branch"
                else "branch_id IN (SELECT id FROM staff_branch WHERE is_head_office)"
            )  # fmt: skip
            moved = f"{column} + {STEP}::bigint * {number}"
            return f"CASE WHEN {column} IN ({head}) THEN {column} ELSE {moved} END"
        if name in NUMBERS:
            return f"CASE WHEN {column} = '' THEN '' ELSE {column} || '-' || n END"
        if name == "creation_key":
            return "NULL"
        if kind.startswith("timestamp") and name not in ("finished", "pooled_at", "last_login"):
            return f"{column} - make_interval(mins => (n * {1500 * 1440 // self.copies})::int)"
        if kind == "date" and table.startswith("funds_"):
            return f"{column} - (n % 700)::int"
        return column

    def _special(self, table: str, name: str, column: str) -> str | None:
        found = SPECIAL.get(f"{table.partition('_')[2]}.{name}")
        return found and found.format(column=column)


_OTHER_PERSON = "left(o.name, 1) || substr(m.person, 2)"
_OTHER_PLACE = "CASE WHEN {column} = '' THEN '' ELSE left({column} || n, 30) END"
_OTHER_SUBJECT = "left(replace({column}, coalesce(m.old, ''), coalesce(m.name, '')), 100)"
_MOVED = f"{{column}} + {STEP}::bigint * n"
#: what a column of a copy holds instead; ``m`` is the copy's new name, ``n`` its number
SPECIAL = {
    "customer.name": "m.name",
    "customer.search_text": "m.key || ' ' || lower(o.customer_no) || '-' || n",
    "customer.uscc": "CASE WHEN o.uscc = '' THEN '' ELSE left(o.uscc, 9)"
    " || lpad((o.id % 100 * 10000 + n)::text, 9, '0') END",
    "customer.id_no_index": "''",
    "customer.phone": "'138' || lpad(((o.id % 100) * 10000 + n)::text, 8, '0')",
    "customer.reg_addr": _OTHER_PLACE,
    "customer.biz_addr": _OTHER_PLACE,
    "customer.legal_rep": _OTHER_PLACE,
    "customer.controller": _OTHER_PLACE,
    "contact.id_no_index": "''",
    "contact.name": _OTHER_PERSON,
    "contact.search_text": f"{_OTHER_PERSON} || ' ' || m.person_key",
    "contact.mobile": "'139' || lpad(((o.id % 1000) * 3000 + n)::text, 8, '0')",
    "customergroup.name": "{column} || n",
    "customergroup.search_text": "{column} || n",
    "branch.name": "{column} || n",
    "employee.name": "{column} || n",
    "document.subject": _OTHER_SUBJECT,
    "case.subject": _OTHER_SUBJECT,
    "case.party": "coalesce(m.name, o.party)",
    "case.document_id": _MOVED,
    "changerecord.object_id": _MOVED,
    "case.search": "lower(o.doc_no) || '-' || n || ' ' || coalesce(m.key, '')",
    "case.facts": "'{{}}'",
    "case.risk_flags": "'[]'",
}


def _tell(what: str, cursor: Any, sql: str) -> None:
    began = time.perf_counter()
    cursor.execute(sql)
    print(f"  {what}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)


def begin() -> None:
    """The demo, and supervisions of those of its loans that have none yet."""
    from django.core.management import call_command
    from django.utils import timezone

    from funds.models import FundTransfer, Loan
    from tests.postloan import supervision

    call_command("demo")
    now = timezone.now()
    running = FundTransfer.objects.filter(loan__in=Loan.objects.running(), supervisions=None)
    watch = supervision.SUPERVISION
    for number, transfer in enumerate(running.select_related("application__handler")):
        made = supervision.create_draft(
            kind=watch, origin=transfer, actor=transfer.application.handler, now=now,
            values={"use_check": "YES", "measures": "每月核对账户流水", "colour": "GREEN"},
            rows={"fund_flow": [supervision.flow()]},
        )  # fmt: skip
        supervision.attach(made, supervision.supervision_kind.categories.PURPOSE.code)
        if number % 3:
            supervision.submit(made, now.date())
