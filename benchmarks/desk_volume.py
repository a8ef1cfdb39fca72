"""Lists, searches and exports at 200,000 customers and 1,000,000 documents.

``manage.py demo`` makes one lender; its rows are then copied in SQL: every copy gets ids of its
own, foreign keys follow, branches and their people are copied too (``REGIONS`` of them, with
their roles), names and their pinyin are new, dates are spread over the years. Work items are
copied whole, because they decide who sees a document; of the stages only the open ones; history,
snapshots and the rows inside documents are not, because no list reads them. Indexes are built
after the copying. Times are those of the whole page through Django's test client, middleware
and templates included, on one warm process. A page is marked that sends more than ten
statements, takes more than 200 ms of the processor and the database together (the clock also
counts what other work on the machine took), or scans a large table in sequence.

``--menu`` measures each list that a reader's menu offers, its search and its export, and prints
one table in Markdown. ``--keep NAME`` fills that database once and leaves it for the next run.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from benchmarks import harness, menu_lists

CUSTOMERS = 200_000
DOCUMENTS = 1_000_000
REGIONS = 40
#: more than any id of the demo: copy n of row i has the id i + n * STEP
STEP = 10_000
CHANGES = 1_000_000
BUDGET = (10, 200.0)
KEPT = Path("var/bench")

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
        asked = ("am", "brm", "tl", "hrm", "fin", "ceo", "adm")
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


def company_names() -> Iterator[str]:
    """Companies as a registry has them, in a fixed order; no name comes twice."""
    cities = [
        "济南",
        "青岛",
        "烟台",
        "潍坊",
        "淄博",
        "临沂",
        "威海",
        "泰安",
        "德州",
        "聊城",
        "滨州",
        "菏泽",
        "枣庄",
        "东营",
        "日照",
    ]
    first = "恒鼎瑞华盛隆泰昌兴宏嘉信永安德金鑫海天宇丰润东方诚达顺和润泽远景博文"
    second = "润达源通祥茂利业辉腾宝康成益峰岳川林泉晟"
    trades = [
        "商贸",
        "机械",
        "建材",
        "食品",
        "纺织",
        "化工",
        "物流",
        "电子",
        "农业",
        "工程",
        "石材",
        "水产",
        "汽贸",
        "包装",
    ]
    ends = ["有限公司", "有限公司", "有限公司", "股份有限公司", "经营部"]
    every = list(itertools.product(cities, first, second, trades, range(len(ends))))
    random.Random(7).shuffle(every)
    seen: set[str] = set()
    for city, one, two, trade, end in every:
        name = f"{city}{one}{two}{trade}{ends[end]}"
        if name not in seen:
            seen.add(name)
            yield name


def person_names() -> Iterator[tuple[str, str]]:
    from lending_crm.common.text import search_key

    family = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
    given = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文斌波辉宇浩然梓轩欣怡"
    made = [a + b + c for a in family for b in given for c in given]
    random.Random(7).shuffle(made)
    return itertools.cycle([(name, search_key(name).partition(" ")[2]) for name in made])


def _tell(what: str, cursor: Any, sql: str) -> None:
    began = time.perf_counter()
    cursor.execute(sql)
    print(f"  {what}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Page:
    name: str
    reader: str
    path: str
    is_deep: bool = False


@dataclass
class Words:
    """What is looked for: of one record that the readers of region 1 see, and of many."""

    name: str
    initials: str
    number: str
    common: str = "有限公司"
    owner: int = 0
    ids: dict[str, int] = field(default_factory=dict)


def words_of(copier: Copier) -> Words:
    """Of a customer of the first copy of the demo's account manager ``am``."""
    name, key, number, owner, customer = copier.rows(
        "SELECT c.name, c.search_text, c.customer_no, c.owner_id, c.id FROM customers_customer c"
        " JOIN applications_businessapplication a ON a.customer_id = c.id"
        " JOIN staff_employee e ON e.id = c.owner_id WHERE e.username = 'am-1'"
        " ORDER BY c.id LIMIT 1"
    )[0]
    words = Words(name, key.split()[1], number, owner=owner)
    words.ids["customer"] = customer
    words.ids["opportunity"] = copier.one(
        f"SELECT id FROM customers_opportunity WHERE customer_id = {customer} LIMIT 1"
    )
    return words


def pages_of(words: Words) -> list[Page]:
    """Every list with its filters and searches, for those who use it."""
    from documents.desk import all_desks

    found: list[Page] = []

    def add(name: str, path: str, readers: str, *queries: str) -> None:
        for reader in readers.split():
            found.append(Page(name, reader, path))
            found.append(Page(name, reader, path, is_deep=True))
            for query in queries:
                found.append(Page(f"{name} ?{query}", reader, f"{path}?{query}"))

    every = "am brm hrm"
    searches = [f"q={word}" for word in (words.name, words.initials, words.common)]
    days = ["created_from=2024-03-01&created_to=2024-03-31"]
    add(
        "customers", "/customers/", every, *searches, f"q={words.number}", "biz_status=BAD",
        "risk_class=LOSS", "tier=A", "source=CHANNEL", f"owner={words.owner}", "sort=name",
    )  # fmt: skip
    add("companies", "/customers/enterprises/", every, *searches[:1])
    add("contacts", "/contacts/", every, *searches, "contact_type=FAMILY")
    add(
        "opportunities", "/opportunities/", every, *searches, "stage=3", "biz_status=LOST",
        "due=today", "due=stalled", "sort=amount", "sort=-follow", "sort=-stage",
    )  # fmt: skip
    for desk in all_desks():
        path = desk.url("list")
        queries = [*searches, "wf_status=RETURNED", "wf_status=IN_APPROVAL", *days]
        if desk.name == "":
            queries += [
                "q=YW-JN-20260331-001-2000", "amount_from=9000000", "sort=-amount", "sort=created",
                "biz_status=SIGNED", "biz_status=EXPIRED", "branch=%(branch)s",
            ]  # fmt: skip
        add(desk.path, path, every, *queries)
    add(
        "loans", "/loans/", "am brm hrm fin", *searches, "status=OVERDUE", "status=SETTLED",
        "risk_class=LOSS", "due_from=2026-01-01&due_to=2026-01-31", "sort=due", "sort=-overdue",
        "sort=-unpaid",
    )  # fmt: skip
    for name in ("trial-balance", "arrears", "provisions"):
        found += [Page(name, reader, f"/ledger/{name}/") for reader in ("brm", "hrm", "fin")]
        found.append(Page(f"{name} ?branch", "hrm", f"/ledger/{name}/?branch=%(branch)s"))
    for reader in every.split():
        found += [
            Page(f"search {q}", reader, f"/search/?{q}") for q in (*searches, f"q={words.number}")
        ]
        customer = f"/customers/{words.ids['customer']}/"
        found += [
            Page("customer", reader, customer),
            Page("customer related", reader, f"{customer}related/"),
            Page("customer changes", reader, f"{customer}changes/"),
        ]
        opportunity = f"/opportunities/{words.ids['opportunity']}/"
        found += [
            Page("opportunity", reader, opportunity),
            Page("opportunity related", reader, f"{opportunity}related/"),
        ]
        found.append(Page("inbox", reader, "/inbox/"))
        found.append(Page("supplements", reader, "/documents/supplements/"))
    found += [Page("workbench", reader, "/") for reader in ("am", "brm", "hrm", "fin", "ceo")]
    found.append(Page("change log", "adm", "/organisation/changes/"))
    found.append(Page("calendar", "am", "/post-loan-calendar/"))
    found.append(Page("calendar", "brm", "/post-loan-calendar/"))
    return found


def measure(_address: str, options: argparse.Namespace) -> str:
    from django.db import connection

    copier = Copier(connection, options.documents, options.customers)
    if not copier.is_filled:
        _begin()
        copier = Copier(connection, options.documents, options.customers)
        copier.fill()
    lines = [copier.size(), HEAD]
    words = words_of(copier)
    readers = copier.readers()
    branch = {"branch": copier.one("SELECT id FROM staff_branch WHERE code = 'JN-1'")}
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "explain-desks.txt").open("w") as plans:
        if options.menu:
            asked = {name: readers[name] for name in ("am", "brm", "hrm")}
            found = (words.name, words.common)
            return "\n".join(
                [
                    copier.size(),
                    *menu_lists.table(asked, found, runs=options.runs, plans=plans, large=LARGE),
                ]
            )
        for page in pages_of(words):
            if options.only and not re.search(options.only, f"{page.reader} {page.name}"):
                continue
            path = page.path % branch if "%(" in page.path else page.path
            line = _line(page, path, readers[page.reader], options.runs, plans)
            lines.append(line)
            print(line, file=sys.stderr, flush=True)
    if not options.only:
        lines += _exports(readers["hrm"])
    return "\n".join(lines)


#: lists with a filter that leaves nearly as many rows as one export may hold
EXPORTS = {
    "applications": "created_from=2025-01-01&created_to=2025-10-20",
    "customers": "tier=D&biz_status=PROSPECT",
    "contacts": "contact_type=MANAGER",
    "opportunities": "biz_status=LOST",
}


def _exports(reader: Any) -> list[str]:
    """Rows, seconds and what the process grew by while it made each workbook."""
    from django.db import connection
    from django.test import override_settings
    from django.utils import timezone

    from lending_crm.common.exports import runs

    lines = []
    for code, query in EXPORTS.items():
        with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
            held = harness.resident()
            began, used = time.perf_counter(), time.process_time()
            run = runs.request_list_export(code=code, query=query, actor=reader, now=timezone.now())
            booked = time.perf_counter() - began
            runs.build_list_export(run_id=run.pk, now=timezone.now())
            wall, cpu = time.perf_counter() - began, time.process_time() - used
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            run.refresh_from_db()
            lines.append(
                f"export of {code:16} {run.rows:8,} rows, booked in {booked:5.2f} s, made in"
                f" {wall:5.1f} s ({cpu:.1f} s of processor), {harness.resident() - held:+.1f} MB"
                f" after it, highest ever {peak:.0f} MB"
            )
            print(lines[-1], file=sys.stderr, flush=True)
    connection.close()
    return lines


HEAD = (
    f"{'reader':6} {'page':44} {'p50':>8} {'p95':>8} {'cpu p50':>9} {'database':>9}"
    "  statements, sequential scans"
)


def _line(page: Page, path: str, reader: Any, runs: int, plans: Any) -> str:
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(reader)
    cache.clear()
    title = f"{page.reader:6} {page.name + (' deep' if page.is_deep else ''):44.44}"
    response = client.get(path)
    if response.status_code != 200:
        return f"{title} answers {response.status_code}"
    if page.is_deep:
        cursor = _deep(response)
        if not cursor:
            return f"{title} has one page"
        path = f"{path}?cursor={cursor}"
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    statements = captured.captured_queries
    scans, in_database = _explain(connection, statements, title, plans)
    meter = harness.Meter()
    meter.run(lambda: client.get(path), runs)
    wall = meter.wall(0.5)
    spent = meter.cpu(0.5) + in_database
    is_missed = len(statements) > BUDGET[0] or spent > BUDGET[1] or scans
    return (
        f"{title} {wall:6.1f}ms {meter.wall(0.95):6.1f}ms {meter.cpu(0.5):7.1f}ms"
        f" {in_database:7.1f}ms  {len(statements)}, {', '.join(scans) or 'none'}"
        f"{'  MISSED' if is_missed else ''}"
    )


def _deep(response: Any) -> str:
    """A cursor in the middle of the list: the first page's, two years back."""
    from django.core import signing

    from lending_crm.common import pagination

    links = re.findall(r'[?&;]cursor=([^"&]+)', response.content.decode())
    if not links:
        return ""
    direction, order, values = signing.loads(unquote(links[-1]), salt=pagination._SALT)
    if isinstance(values[0], str) and "T" in values[0]:
        values[0] = (datetime.fromisoformat(values[0]) - timedelta(days=730)).isoformat()
    return str(signing.dumps([direction, order, values], salt=pagination._SALT, compress=True))


def _explain(
    connection: Any, queries: list[dict[str, str]], title: str, plans: Any
) -> tuple[list[str], float]:
    from benchmarks import volume

    return volume.explain(connection, queries, title, plans, LARGE)


def _begin() -> None:
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--only", default="", help="pages whose reader and name match this")
    parser.add_argument(
        "--menu", action="store_true", help="only the table of the menu's lists and exports"
    )
    parser.add_argument("--keep", default="", help="fill this database once and leave it there")
    sys.exit(harness.run(measure, parser))
