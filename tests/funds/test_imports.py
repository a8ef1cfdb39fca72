"""批量导入还款: every row's fault is shown, nothing is lost, nothing is booked twice."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from openpyxl import Workbook

from funds.choices import RowState
from funds.models import Repayment, RepaymentImport
from funds.services.imports import COLUMNS, book_import, upload_repayments
from tests.funds.factories import at, check_books
from tests.funds.test_repayments import refused

DUE = date(2026, 4, 2)


def workbook(*rows: list[Any], head: list[str] | None = None) -> SimpleUploadedFile:
    book = Workbook()
    sheet = book.active
    sheet.append(head or list(COLUMNS))
    for row in rows:
        sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    return SimpleUploadedFile("还款.xlsx", stream.getvalue())


class TestUpload:
    def upload(self, ledger, file, **values):
        return upload_repayments(upload=file, **({"actor": ledger.fin, "now": at(DUE)} | values))

    def test_lists_the_fault_of_each_row_and_books_nothing(self, ledger):
        loan = ledger.loan()
        batch = self.upload(
            ledger,
            workbook(
                [loan.loan_no, DUE, 7500.0, "A1", "客户"],
                ["JJ-XX", DUE, 7500, "A2", "客户"],
                [loan.loan_no, "明天", 7500, "A3", "客户"],
                [loan.loan_no, DUE, "七千", "A4", "客户"],
                [loan.loan_no, DUE, -1, "A5", "客户"],
                [loan.loan_no, date(2026, 4, 3), 1, "A6", "客户"],
                [loan.loan_no, DUE, 1, "A1", "客户"],
                [None, None, None, None, None],
                [loan.loan_no, DUE, 1, "", "客户"],
                [loan.loan_no, DUE, "7,499.995", "A7", "客户"],
                [loan.loan_no, DUE, "7,500.00", "A8", "客户"],
            ),
        )
        rows = list(batch.rows.order_by("row_no"))
        assert [(row.row_no, row.fault_code) for row in rows] == [
            (2, ""),
            (3, "REP-13"),
            (4, "REP-13"),
            (5, "REP-13"),
            (6, "REP-02"),
            (7, "REP-05"),
            (8, "REP-03"),
            (10, "REP-12"),
            (11, "REP-13"),
            (12, ""),
        ]
        assert rows[1].fault == "借据“JJ-XX”不存在。"
        assert rows[2].values["paid_on"] == "明天"
        assert not Repayment.objects.exists()

    def test_the_same_file_twice_is_one_import(self, ledger):
        loan = ledger.loan()
        file = workbook([loan.loan_no, DUE, 7500, "A1", "客户"])
        first = self.upload(ledger, file)
        file.seek(0)
        assert self.upload(ledger, file) == first
        assert RepaymentImport.objects.count() == 1

    def test_rep_13_refuses_what_is_no_list(self, ledger):
        for file, part in (
            (SimpleUploadedFile("a.xlsx", b"no workbook"), "Excel"),
            (workbook(head=["借据号"]), "流水号"),
            (workbook(), "没有数据行"),
        ):
            error = refused(lambda given=file: self.upload(ledger, given))
            assert (error.code, error.field) == ("REP-13", "file")
            assert part in error.message

    def test_needs_finance(self, ledger):
        error = refused(lambda: self.upload(ledger, workbook(), actor=ledger.lender.people.brm))
        assert (error.code, error.status) == ("DOC-05", 403)


class TestBook:
    def test_books_row_by_row_with_a_result_each(self, ledger):
        loan, other = ledger.loan(), ledger.loan()
        batch = upload_repayments(
            upload=workbook(
                [loan.loan_no, DUE, 7500, "A1", "客户"],
                [other.loan_no, DUE, 7500, "A2", "客户"],
                ["JJ-XX", DUE, 7500, "A3", "客户"],
            ),
            actor=ledger.fin,
            now=at(DUE),
        )
        ledger.repay(other, "7500", DUE, bank_ref="A2")

        book_import(import_id=batch.pk, actor=ledger.fin, now=at(DUE))

        states = [(row.state, row.fault_code) for row in batch.rows.order_by("row_no")]
        assert states == [
            (RowState.BOOKED, ""),
            (RowState.REFUSED, "REP-03"),
            (RowState.FAULTY, "REP-13"),
        ]
        check_books(loan, DUE)

    def test_n29_pressing_twice_books_once(self, ledger):
        loan = ledger.loan()
        batch = upload_repayments(
            upload=workbook([loan.loan_no, DUE, 7500, "A1", "客户"]),
            actor=ledger.fin,
            now=at(DUE),
        )
        for _time in range(2):
            book_import(import_id=batch.pk, actor=ledger.fin, now=at(DUE))
        assert Repayment.objects.count() == 1
