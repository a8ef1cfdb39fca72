"""Who sees which documents: the same rows page by page, counted, and asked for one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from documents import involvement
from documents.models import Document
from lending_crm.common.pagination import capped_count, paginate
from staff.models import Employee
from tests.common.test_pagination import ids, walk
from tests.documents.factories import (
    NOW,
    DepartmentFactory,
    DocumentFactory,
    EmployeeFactory,
    case_of,
    give_role,
    stage_with,
)
from workflows.choices import Decision, ItemState
from workflows.models import Case, CaseCopy, WorkItem

ORDERS = (("-created_at", "-id"), ("created_at", "id"), ("subject", "-id"))


class House:
    """Two branches with three documents of each handler, and what came to others of them."""

    def __init__(self) -> None:
        here, next_door = DepartmentFactory(), DepartmentFactory()
        beside = DepartmentFactory(branch=here.branch)
        self.am, self.colleague = (EmployeeFactory(department=here) for _ in range(2))
        self.neighbour = EmployeeFactory(department=beside)
        self.stranger = EmployeeFactory(department=next_door)
        self.documents = [
            DocumentFactory(handler=handler, created_at=NOW - timedelta(hours=number % 4))
            for number in range(3)
            for handler in (self.am, self.colleague, self.neighbour, self.stranger)
        ]
        self.tl = give_role(EmployeeFactory(department=here), "TL", department=here)
        self.brm = give_role(EmployeeFactory(department=here), "BRM", branch=here.branch)
        self.hrm = give_role(EmployeeFactory(department=next_door), "HRM")
        for document in self.documents[:8]:
            document.case = case_of(document)
            document.save()
        far = self.documents[3]  # the stranger's, in the other branch
        (item,) = stage_with(far.case, self.brm).items.all()
        WorkItem.objects.filter(pk=item.pk).update(
            state=ItemState.DECIDED, decided_by=self.colleague, decision=Decision.APPROVE,
            decided_at=NOW,
        )  # fmt: skip
        self.away = EmployeeFactory(department=next_door)
        (stood_in,) = stage_with(self.documents[1].case, self.brm).items.all()
        WorkItem.objects.filter(pk=stood_in.pk).update(on_behalf_of=self.away)
        stage_with(self.documents[0].case, self.brm, self.stranger)
        CaseCopy.objects.create(case=self.documents[7].case, recipient=self.tl, sent_at=NOW)

    def seen_by(self, reader: Employee) -> set[int]:
        """The rule in plain words, row by row."""
        return {document.pk for document in self.documents if self._is_seen(document, reader)}

    def _is_seen(self, document: Document, reader: Employee) -> bool:
        case = document.case_id
        asked = WorkItem.objects.filter(case=case)
        return (
            reader == self.hrm
            or document.handler == reader
            or (reader == self.tl and document.department == self.tl.department)
            or (reader == self.brm and document.branch == self.brm.branch)
            or asked.filter(assignee=reader).exists()
            or asked.filter(decided_by=reader).exists()
            or asked.filter(on_behalf_of=reader).exists()
            or CaseCopy.objects.filter(case=case, recipient=reader).exists()
        )


@pytest.mark.django_db
class TestVisibleDocuments:
    @pytest.fixture(params=[30_000, 0], ids=["few came", "too many came"])
    def most(self, request, monkeypatch) -> None:
        monkeypatch.setattr(involvement, "_MOST_SENT", request.param)

    @pytest.mark.usefixtures("most")
    @pytest.mark.parametrize(
        ("name", "number"),
        [
            ("am", 3), ("colleague", 4), ("tl", 7), ("brm", 10), ("stranger", 4), ("away", 1),
            ("hrm", 12),
        ],
    )  # fmt: skip
    def test_n26_pages_show_what_the_rule_says(self, name: str, number: int) -> None:
        house = House()
        reader = getattr(house, name)
        wanted = house.seen_by(reader)
        assert len(wanted) == number

        rows = Document.objects.visible_to(reader)

        assert set(rows.values_list("pk", flat=True)) == wanted
        assert capped_count(rows).number == number
        for order in ORDERS:
            every = Document.objects.filter(pk__in=wanted).order_by(*order)
            assert ids(walk(rows, order, 2)) == [document.pk for document in every]

        cases = Case.objects.visible_to(reader)
        seen = Case.objects.filter(document_id__in=wanted).order_by("-submitted_at", "-id")
        keys = [case.pk for case in seen]
        assert set(cases.values_list("pk", flat=True)) == set(keys)
        assert ids(walk(cases, ("-submitted_at", "-id"), 2)) == keys

    def test_n26_a_few_known_ones_are_judged_by_the_same_rule(self) -> None:
        house = House()
        gone = EmployeeFactory(department=house.tl.department, is_active=False)
        every = [document.pk for document in house.documents]
        readers = [each for each in vars(house).values() if isinstance(each, Employee)]
        for reader in [*readers, gone]:
            wanted = house.seen_by(reader) if reader.is_active else set()
            for few in (every, every[::2], *([key] for key in every), []):
                seen = Document.objects.seen_among(reader, few).values_list("pk", flat=True)
                assert sorted(seen) == sorted(wanted.intersection(few))

    def test_a_filter_holds_in_every_arm(self) -> None:
        house = House()
        rows = Document.objects.visible_to(house.brm).exclude(handler=house.neighbour)
        pages = walk(rows.filter(case__isnull=False), ORDERS[0], 2)
        wanted = house.seen_by(house.brm)
        found = {document.pk for document in house.documents[:8] if document.pk in wanted}
        found -= {each.pk for each in house.documents if each.handler == house.neighbour}
        assert set(ids(pages)) == found

    def test_what_came_to_him_is_found_once_for_the_page_and_its_count(
        self, django_assert_num_queries
    ) -> None:
        house = House()
        for reader in (house.away, house.am):  # of the second nobody asked anything
            rows = Document.objects.visible_to(reader)
            with django_assert_num_queries(3):
                page = paginate(rows, order=ORDERS[0], size=2)
                number = capped_count(rows).number
            assert {document.pk for document in page} <= house.seen_by(reader)
            assert number == len(house.seen_by(reader))

    def test_a_search_of_one_person_shares_nothing_with_another(self) -> None:
        house = House()
        with involvement.involved_at_once(house.away):
            rows = [Document.objects.visible_to(reader) for reader in (house.away, house.tl)]
            # Another person's documents are not taken for his.
            assert [set(ids([paginate(each, order=ORDERS[0])])) for each in rows] == [
                house.seen_by(house.away),
                house.seen_by(house.tl),
            ]
