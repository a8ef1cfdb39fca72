"""Workbooks of customers, contacts and opportunities: tried first, then entered, never twice."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

from django.test import Client
from django.urls import reverse

import pytest
from openpyxl import Workbook, load_workbook

from customers.models import Contact, Customer, ImportRun, ImportState, Opportunity
from customers.rules.imports import TARGETS
from customers.services import imports
from customers.services.customers import create_customer
from customers.services.imports import (
    advance_import,
    request_import,
    start_import,
    write_template,
)
from lending_crm.common.errors import DomainError
from lending_crm.common.imports import workbook
from lending_crm.common.models import ChangeRecord
from tests.customers.factories import credit_code, id_number

pytestmark = pytest.mark.django_db
PERSON = {"客户名称": "赵六", "联系电话": "13800138001", "客户来源": "自主开发"}


def book(*rows: dict[str, Any]) -> io.BytesIO:
    """A workbook with the heads of the first row."""
    made = Workbook()
    sheet = made.active
    heads = list(rows[0])
    sheet.append(heads)
    for row in rows:
        sheet.append([row.get(head) for head in heads])
    stream = io.BytesIO()
    made.save(stream)
    stream.seek(0)
    return stream


def ask(world, now, stream: io.BytesIO, code: str = "PERSON", who: str = "am") -> ImportRun:
    return request_import(
        code=code,
        stream=stream,
        file_name="客户.xlsx",
        size=len(stream.getvalue()),
        actor=getattr(world, who),
        now=now,
    )


def walk(run: ImportRun, now) -> ImportRun:
    """The worker's task."""
    while advance_import(run_id=run.pk, now=now):
        pass
    run.refresh_from_db()
    return run


def enter(run: ImportRun, now) -> ImportRun:
    walk(run, now)
    start_import(run_id=run.pk, actor=run.actor, now=now)
    return walk(run, now)


def faults(run: ImportRun) -> list[tuple[int, list[str]]]:
    return [(each["row"], [words for _column, words in each["faults"]]) for each in run.faulty]


class TestRequestImport:
    def test_reads_the_rows_and_enters_none(self, world, now):
        run = walk(ask(world, now, book(PERSON)), now)

        assert (run.state, run.good_count, run.faulty) == (ImportState.CHECKED, 1, [])
        assert not Customer.objects.exists()
        assert not ChangeRecord.objects.exists()

    def test_the_rows_are_stored_encrypted(self, world, now):
        run = ask(world, now, book(PERSON))

        stored = ImportRun.objects.filter(pk=run.pk).extra(select={"raw": "content"})
        assert "13800138001" not in stored.values_list("raw", flat=True)[0]

    @pytest.mark.parametrize("who", ["bgm", "brm", "fin", "hrm"])
    def test_cus_12_risk_and_finance_import_nothing(self, world, now, who):
        with pytest.raises(DomainError) as refused:
            ask(world, now, book(PERSON), who=who)

        assert refused.value.code == "CUS-12"

    def test_imp_02_refuses_other_columns(self, world, now):
        with pytest.raises(DomainError) as refused:
            ask(world, now, book({"工资": 1}))

        assert refused.value.code == "IMP-02"

    def test_imp_03_refuses_too_many_rows(self, world, now, monkeypatch):
        monkeypatch.setattr(workbook, "MOST_ROWS", 2)

        with pytest.raises(DomainError) as refused:
            ask(world, now, book(PERSON, PERSON, PERSON))

        assert refused.value.code == "IMP-03"

    def test_imp_03_refuses_a_bomb_before_it_is_read(self, world, now, monkeypatch):
        monkeypatch.setattr(workbook, "_MOST_UNPACKED", 100)

        with pytest.raises(DomainError) as refused:
            ask(world, now, book(PERSON))

        assert refused.value.code == "IMP-03"

    def test_imp_04_refuses_a_file_that_is_too_large(self, world, now, monkeypatch):
        monkeypatch.setattr(imports, "MAX_BYTES", 10)

        with pytest.raises(DomainError) as refused:
            ask(world, now, book(PERSON))

        assert refused.value.code == "IMP-04"

    @pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04broken", b"%PDF-1.4"])
    def test_att_02_refuses_what_only_has_the_name(self, world, now, content):
        with pytest.raises(DomainError) as refused:
            ask(world, now, io.BytesIO(content))

        assert refused.value.code == "ATT-02"

    def test_imp_01_refuses_a_workbook_without_its_parts(self, world, now):
        stream = io.BytesIO()
        with zipfile.ZipFile(book(PERSON)) as whole, zipfile.ZipFile(stream, "w") as part:
            part.writestr("[Content_Types].xml", whole.read("[Content_Types].xml"))

        with pytest.raises(DomainError) as refused:
            ask(world, now, stream)

        assert refused.value.code == "IMP-01"


class TestTrial:
    def test_names_each_fault_by_row_and_column(self, world, now):
        rows = [
            PERSON,
            PERSON | {"联系电话": "12", "身份证号": "123"},
            PERSON | {"客户名称": ""},
            PERSON | {"客户来源": "别处"},
        ]
        rows[0] = rows[0] | {"身份证号": id_number()}

        run = walk(ask(world, now, book(*rows)), now)

        assert [row for row, _words in faults(run)] == [3, 4, 5]
        columns = [sorted(column for column, _words in each["faults"]) for each in run.faulty]
        assert columns == [["联系电话", "身份证号"], ["客户名称"], ["客户来源"]]

    def test_no_formula_is_evaluated(self, world, now):
        run = walk(ask(world, now, book(PERSON | {"客户名称": '=HYPERLINK("http://x")'})), now)

        assert run.faulty[0]["faults"][0][0] == "客户名称"
        assert "公式" in run.faulty[0]["faults"][0][1]

    def test_a_number_that_excel_rounded_is_a_fault(self, world, now):
        run = walk(ask(world, now, book(PERSON | {"账号": 6222021234567890128})), now)

        assert run.faulty[0]["faults"][0][0] == "账号"

    def test_n26_a_foreign_customer_is_not_found(self, world, now):
        theirs = enter(ask(world, now, book(PERSON), who="other_am"), now)
        number = Customer.objects.get(name=theirs.results[0]["name"]).customer_no
        row = {"客户编号": number, "类型": "联系人", "姓名": "张三", "手机": "13900139000"}

        run = walk(ask(world, now, book(row), code="CONTACT"), now)

        assert run.faulty[0]["faults"][0][0] == "客户编号"


class TestStartImport:
    def test_enters_the_good_rows_through_the_services(self, world, now):
        rows = [PERSON | {"身份证号": id_number()}, PERSON | {"联系电话": "12"}]

        run = enter(ask(world, now, book(*rows)), now)

        customer = Customer.objects.get()
        assert (run.state, run.good_count, len(run.faulty)) == (ImportState.DONE, 1, 1)
        assert (customer.owner, customer.branch) == (world.am, world.branch)
        assert run.results[0]["url"] == customer.get_absolute_url()
        log = ChangeRecord.objects.filter(model="customers.customer", object_id=customer.pk)
        assert log.filter(actor=world.am).exists()

    def test_every_type_has_its_template_and_comes_in(self, world, now):
        company = {
            "客户名称": "甲公司",
            "统一社会信用代码": credit_code(),
            "联系电话": "024-23456789",
            "客户来源": "SELF",
            "成立日期": date(2015, 5, 20),
            "注册资本(万元)": 500.5,
        }
        enter(ask(world, now, book(company), code="ENTERPRISE"), now)
        number = Customer.objects.get().customer_no
        contact = {
            "客户编号": number,
            "类型": "联系人",
            "姓名": "张三",
            "手机": 13900139000,
        }
        enter(ask(world, now, book(contact), code="CONTACT"), now)
        chance = {
            "客户编号": number,
            "主题": "流动资金",
            "意向产品": "信用贷",
            "意向金额(元)": 300000,
            "预计放款日期": "2026-04-01",
            "下次跟进日期": date(2026, 3, 9),
        }

        run = enter(ask(world, now, book(chance), code="OPPORTUNITY"), now)

        assert faults(run) == []
        assert str(Customer.objects.get().reg_capital) == "500.50"
        assert Contact.objects.get().mobile == "13900139000"
        assert (Opportunity.objects.get().product, str(Opportunity.objects.get().amount)) == (
            "XYD",
            "300000.00",
        )

    def test_the_same_workbook_again_enters_nothing_twice(self, world, now):
        row = PERSON | {"身份证号": id_number()}

        for _turn in range(2):
            run = enter(ask(world, now, book(row)), now)

        assert faults(run) == []
        assert Customer.objects.count() == 1

    def test_goes_on_where_a_worker_died(self, world, now, monkeypatch):
        monkeypatch.setattr(imports, "BATCH", 1)
        rows = [PERSON | {"客户名称": f"赵{number}"} for number in range(3)]
        run = walk(ask(world, now, book(*rows)), now)
        start_import(run_id=run.pk, actor=world.am, now=now)
        assert advance_import(run_id=run.pk, now=now)
        calls = iter([None])

        def dies(**_values):
            next(calls)
            raise SystemExit

        with monkeypatch.context() as broken:
            broken.setattr(imports, "create_customer", dies)
            with pytest.raises(SystemExit):
                advance_import(run_id=run.pk, now=now)

        walk(run, now)

        assert sorted(Customer.objects.values_list("name", flat=True)) == ["赵0", "赵1", "赵2"]
        assert [each["row"] for each in run.results] == [2, 3, 4]

    def test_a_second_start_changes_nothing(self, world, now):
        run = enter(ask(world, now, book(PERSON)), now)

        start_import(run_id=run.pk, actor=world.am, now=now)

        run.refresh_from_db()
        assert run.state == ImportState.DONE

    def test_the_numbers_are_forgotten_at_the_end(self, world, now):
        assert enter(ask(world, now, book(PERSON)), now).content == ""

    def test_nobody_starts_the_run_of_somebody_else(self, world, now):
        run = walk(ask(world, now, book(PERSON)), now)

        with pytest.raises(DomainError) as refused:
            start_import(run_id=run.pk, actor=world.colleague, now=now)

        assert refused.value.status == 404


class TestTemplate:
    @pytest.mark.parametrize("code", TARGETS)
    def test_its_heads_are_read_again(self, code):
        stream = io.BytesIO()

        write_template(stream, target=TARGETS[code])

        heads = [cell.value for cell in next(load_workbook(stream).active.iter_rows())]
        known = TARGETS[code].heads()
        assert [known[head.rstrip("*")] for head in heads] == list(TARGETS[code].fields)


class TestPages:
    @pytest.fixture
    def client(self, world):
        made = Client()
        made.force_login(world.am)
        return made

    def test_uploads_checks_and_enters(self, client, world):
        stream = book(PERSON)
        stream.name = "客户.xlsx"

        sent = client.post(reverse("customers:import-new"), {"code": "PERSON", "upload": stream})
        run = ImportRun.objects.get()
        assert sent.url == reverse("customers:import", args=[run.pk])
        walk(run, run.at)
        client.post(reverse("customers:import-start", args=[run.pk]))
        walk(run, run.at)
        page = client.get(reverse("customers:import", args=[run.pk])).content.decode()

        assert Customer.objects.get().get_absolute_url() in page
        assert "表格各行" in page
        assert "ui-tone-green" in page.split("ui-panel-actions")[1].split("</div>")[0]

    def test_a_wrong_file_stays_on_the_form(self, client):
        upload = io.BytesIO(b"hello")
        upload.name = "a.xlsx"

        page = client.post(reverse("customers:import-new"), {"code": "PERSON", "upload": upload})

        assert page.status_code == 422

    def test_others_runs_do_not_exist(self, client, world, now):
        run = ask(world, now, book(PERSON), who="colleague")

        assert client.get(reverse("customers:import", args=[run.pk])).status_code == 404

    def test_hands_out_the_templates(self, client):
        for code in TARGETS:
            answer = client.get(reverse("customers:import-template", args=[code]))
            assert answer.status_code == 200
        missing = client.get(reverse("customers:import-template", args=["salaries"]))
        assert missing.status_code == 404


class TestForOthers:
    """Department heads and administrators: each row names the account manager."""

    def row(self, person, **values):
        return PERSON | {"客户经理": person.employee_no, "身份证号": id_number()} | values

    @pytest.mark.parametrize("who", ["tl", "adm"])
    def test_the_named_one_keeps_it_and_the_log_names_who_entered_it(self, world, now, who):
        rows = [self.row(world.am), self.row(world.colleague, 客户经理="李同事", 客户名称="钱七")]

        run = enter(ask(world, now, book(*rows), who=who), now)

        assert faults(run) == []
        importer = getattr(world, who)
        first, second = Customer.objects.order_by("id")
        assert (first.owner, second.owner) == (world.am, world.colleague)
        assert (first.branch, first.department) == (world.branch, world.department)
        assert {first.creator, second.creator} == {importer}
        assert {row.actor for row in ChangeRecord.objects.all()} == {importer}

    def test_cus_37_a_head_enters_for_his_own_people(self, world, now):
        rows = [
            self.row(world.other_am),
            self.row(world.brm),
            self.row(world.am, 客户经理="没有此人"),
        ]

        run = walk(ask(world, now, book(*rows), who="tl"), now)

        assert [row for row, _words in faults(run)] == [2, 3, 4]
        assert {each["faults"][0][0] for each in run.faulty} == {"客户经理"}
        with pytest.raises(DomainError) as refused:
            create_customer(
                customer_type="PERSON", data={}, actor=world.other_am, now=now, entered_by=world.tl
            )
        assert refused.value.code == "CUS-37"

    def test_a_name_that_two_have_is_no_name(self, world, now):
        type(world.am).objects.filter(pk=world.colleague.pk).update(name=world.am.name)

        run = walk(ask(world, now, book(self.row(world.am, 客户经理=world.am.name)), who="tl"), now)

        assert run.faulty[0]["faults"][0][0] == "客户经理"

    def test_cus_17_nobody_named(self, world, now):
        run = walk(ask(world, now, book(self.row(world.am, 客户经理=None)), who="adm"), now)

        assert run.faulty[0]["faults"][0][0] == "客户经理"

    def test_an_account_manager_names_nobody(self, world, now):
        with pytest.raises(DomainError) as refused:
            ask(world, now, book(self.row(world.am)))

        assert refused.value.code == "IMP-02"

    def test_contacts_and_opportunities_of_the_named_ones_customers(self, world, now):
        enter(ask(world, now, book(self.row(world.am)), who="adm"), now)
        number = Customer.objects.get().customer_no
        contact = {
            "客户经理": world.am.employee_no, "客户编号": number, "类型": "联系人",
            "姓名": "张三", "手机": "13900139000",
        }  # fmt: skip
        chance = {
            "客户经理": world.am.employee_no, "客户编号": number, "主题": "流动资金",
            "意向产品": "信用贷", "意向金额(元)": 300000, "预计放款日期": "2026-04-01",
            "下次跟进日期": "2026-03-09",
        }  # fmt: skip
        assert faults(enter(ask(world, now, book(contact), code="CONTACT", who="tl"), now)) == []
        run = enter(ask(world, now, book(chance), code="OPPORTUNITY", who="tl"), now)
        assert faults(run) == []
        assert (Contact.objects.get().creator, Opportunity.objects.get().creator) == (
            world.tl,
            world.tl,
        )
        wrong = contact | {"客户经理": world.colleague.employee_no}
        run = walk(ask(world, now, book(wrong), code="CONTACT", who="tl"), now)
        assert run.faulty[0]["faults"][0][0] == "客户编号"

    def test_the_same_workbook_again_enters_nothing_twice(self, world, now):
        row = self.row(world.am)

        for _turn in range(2):
            run = enter(ask(world, now, book(row), who="adm"), now)

        assert faults(run) == []
        assert Customer.objects.count() == 1

    def test_pages_offer_it(self, world, now, client):
        client.force_login(world.tl)
        assert "按工号或姓名" in client.get(reverse("customers:import-new")).content.decode()
        assert reverse("customers:import-new") in client.get("/customers/").content.decode()
        client.force_login(world.adm)
        page = client.get(reverse("customers:import-new")).content.decode()
        assert "客户导入" in page
        run = enter(ask(world, now, book(self.row(world.am)), who="adm"), now)
        page = client.get(reverse("customers:import", args=[run.pk])).content.decode()
        assert "赵六" in page
        assert Customer.objects.get().get_absolute_url() not in page  # N26: he may not open it
        client.force_login(world.fin)
        assert client.get(reverse("customers:import-new")).status_code == 403


class TestApi:
    url = "/api/v1/customer-imports/"

    def send(self, client, stream, target="PERSON"):
        stream.name = "客户.xlsx"
        return client.post(self.url, {"target": target, "file": stream})

    def test_uploads_reads_the_faults_and_confirms(self, client, world, now):
        client.force_login(world.am)
        rows = [PERSON | {"身份证号": id_number()}, PERSON | {"联系电话": "12"}]

        sent = self.send(client, book(*rows))

        assert sent.status_code == 202, sent.content
        one = f"{self.url}{sent.json()['id']}/"
        assert sent.json()["state"] == "CHECKING"
        run = walk(ImportRun.objects.get(), now)
        found = client.get(one).json()
        assert (found["state"], found["position"], found["total"]) == ("CHECKED", 2, 2)
        assert [(each["row"], each["column"]) for each in found["faults"]] == [(3, "联系电话")]
        assert not Customer.objects.exists()
        assert client.post(f"{one}confirm/").json()["state"] == "RUNNING"
        walk(run, now)
        entered = client.get(one).json()["entered"]
        assert [each["row"] for each in entered] == [2]
        assert entered[0]["url"] == Customer.objects.get().get_absolute_url()
        listed = client.get(self.url).json()["results"]
        assert [each["id"] for each in listed] == [run.pk]

    def test_cus_12_and_what_is_unknown(self, client, world):
        client.force_login(world.fin)
        assert self.send(client, book(PERSON)).json()["code"] == "CUS-12"
        assert client.get(f"{self.url}templates/PERSON/").status_code == 403
        client.force_login(world.am)
        assert self.send(client, book(PERSON), target="SALARY").status_code == 400
        stream = book(PERSON)
        stream.name = "客户.xlsx"
        extra = client.post(self.url, {"target": "PERSON", "file": stream, "owner": "1"})
        assert extra.status_code == 400
        assert client.get(f"{self.url}templates/SALARY/").status_code == 404

    def test_others_runs_do_not_exist(self, client, world, now):
        run = ask(world, now, book(PERSON), who="colleague")
        client.force_login(world.am)
        assert client.get(f"{self.url}{run.pk}/").status_code == 404
        assert client.post(f"{self.url}{run.pk}/confirm/").status_code == 404

    def test_hands_out_the_workbook_as_the_person_fills_it_in(self, client, world):
        for who, first in ((world.am, "客户名称*"), (world.adm, "客户经理*")):
            client.force_login(who)
            answer = client.get(f"{self.url}templates/PERSON/")
            stream = io.BytesIO(b"".join(answer.streaming_content))
            heads = [cell.value for cell in next(load_workbook(stream).active.iter_rows())]
            assert heads[0] == first
