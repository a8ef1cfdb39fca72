"""Which lists, filters, sortings and searches ``desk_volume`` asks for, and for whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.copies import Copier


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
        add(desk.path, path, f"{every} ard rc1", *queries)
    add(
        "loans", "/loans/", "am brm hrm fin", *searches, "status=OVERDUE", "status=SETTLED",
        "risk_class=LOSS", "due_from=2026-01-01&due_to=2026-01-31", "sort=due", "sort=-overdue",
        "sort=-unpaid",
    )  # fmt: skip
    for name in ("trial-balance", "arrears", "provisions"):
        found += [Page(name, reader, f"/ledger/{name}/") for reader in ("brm", "hrm", "fin")]
        found.append(Page(f"{name} ?branch", "hrm", f"/ledger/{name}/?branch=%(branch)s"))
    for reader in f"{every} ard rc1".split():
        found += [
            Page(f"search {q}", reader, f"/search/?{q}") for q in (*searches, f"q={words.number}")
        ]
        found += [
            Page(f"inbox {tab} {q}", reader, f"/inbox/?tab={tab}&{q}")
            for tab in ("todo", "done", "mine", "copied")
            for q in searches
        ]
        found.append(Page("inbox", reader, "/inbox/"))
    for reader in every.split():
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
        found.append(Page("supplements", reader, "/documents/supplements/"))
    found += [Page("workbench", reader, "/") for reader in ("am", "brm", "hrm", "fin", "ceo")]
    found.append(Page("change log", "adm", "/organisation/changes/"))
    found.append(Page("calendar", "am", "/post-loan-calendar/"))
    found.append(Page("calendar", "brm", "/post-loan-calendar/"))
    return found
