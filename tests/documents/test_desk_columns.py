"""What a desk's list shows in columns of its own, and what as a quiet line below another."""

from __future__ import annotations

from datetime import date

from documents.desk.exports import desk_export
from postloan.desks.report import REPORT_DESK
from postloan.models import SupervisionReport


class TestColumns:
    def test_the_customer_and_what_stands_below_have_no_head(self) -> None:
        assert REPORT_DESK.names_customer
        assert [head.text for head in REPORT_DESK.heads] == ["应报日期", "风险等级"]

    def test_a_number_is_named_and_a_mark_stands_only_where_it_is_set(self) -> None:
        report = SupervisionReport(period=2, due_on=date(2026, 3, 17), colour="GREEN")
        report.is_late = True
        late = REPORT_DESK.cells(report)
        report.is_late = False
        punctual = REPORT_DESK.cells(report)

        assert [cell.notes for cell in late] == [("期次 2",), ("逾期上报",)]
        assert [cell.notes for cell in punctual] == [("期次 2",), ()]

    def test_the_export_keeps_each_of_them(self) -> None:
        labels = [str(column.title) for column in desk_export(REPORT_DESK).columns]
        assert {"期次", "应报日期", "风险等级"} <= set(labels)
