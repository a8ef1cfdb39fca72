import copy
import re
import shutil
import subprocess
import threading
from datetime import UTC, date, datetime, timedelta

from django.db import Error, connection, transaction

import pytest
from weasyprint.text import ffi
from weasyprint.urls import FatalURLFetchingError

from documents.models import PrintRecord
from documents.printing import PrintMark, content_hash, record_print, render_pdf, watermark_for
from documents.printing import engine as engine_module
from lending_crm.common.errors import DomainError
from lending_verify.pdf import embedded_history
from tests.documents.factories import NOW, DocumentFactory, EmployeeFactory

UNASSIGNED = "\u0378"  # no font has a glyph for what is no character
FORM = "documents/print/base.html"
needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler-utils are not installed"
)


def context(**values):
    return {
        "company": "沈阳北方汇银",
        "form_title": "业务审批表",
        "doc_no": "YW-SY01-20261120-001",
        "secrecy": "内部",
        "mark": PrintMark(1, NOW, "王晓东", "0" * 64),
    } | values


def text_of(pdf: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


@pytest.fixture
def own_template(settings, tmp_path):
    """Write a form of the test's own; returns its name."""

    def write(body: str) -> str:
        (tmp_path / "form.html").write_text(
            '{% extends "documents/print/base.html" %}{% block form %}' + body + "{% endblock %}",
            encoding="utf-8",
        )
        return "form.html"

    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [tmp_path, *templates[0]["DIRS"]]
    settings.TEMPLATES = templates
    return write


class TestRenderPdf:
    @needs_pdftotext
    def test_prints_the_furniture_of_every_form(self):
        text = text_of(render_pdf(FORM, context(mark=PrintMark(3, NOW, "王晓东", "ab" * 32))))
        for expected in (
            "沈阳北方汇银",
            "YW-SY01-20261120-001",
            "内部",
            "王晓东",
            "2026-11-20 11:00",
        ):
            assert expected in text
        assert "业务审批表" in text.replace(" ", "")
        assert "ab" * 32 in text

    @needs_pdftotext
    def test_numbers_the_pages(self, own_template):
        name = own_template("{% for n in rows %}<p>第{{ n }}行</p>{% endfor %}")
        pages = text_of(render_pdf(name, context(rows=range(200)), language="en")).split("\f")[:-1]
        assert len(pages) > 2
        for number, page in enumerate(pages, start=1):
            assert f"Page {number} of {len(pages)}" in page

    @needs_pdftotext
    def test_writes_the_watermark_on_every_page(self, own_template):
        name = own_template("{% for n in rows %}<p>{{ n }}</p>{% endfor %}")
        marked = text_of(render_pdf(name, context(rows=range(200)), watermark="QXJ"))
        pages = marked.split("\f")[:-1]
        assert all(set("QXJ") <= set(page) for page in pages)
        assert not set("QXJ") & set(text_of(render_pdf(FORM, context(company="a"))))

    def test_takes_less_than_a_generous_bound(self, own_template):
        """Without libharfbuzz-subset the same page takes 15 s."""
        start = datetime.now(UTC)
        render_pdf(own_template("<p>合同手续审核</p>"), context())
        assert datetime.now(UTC) - start < timedelta(seconds=8)

    @needs_pdftotext
    def test_shows_markup_as_text(self, own_template):
        name = own_template("<p>{{ party }}</p>")
        party = '<img src="file:///etc/passwd"><script>x</script>'
        assert party in text_of(render_pdf(name, context(party=party)))

    @pytest.mark.parametrize(
        "body",
        [
            '<img src="file:///etc/passwd">',
            '<img src="http://127.0.0.1:1/x.png">',
            '<img src="data:image/png;base64,AAAA">',
            '<style>p { background: url("http://127.0.0.1:1/") }</style><p>x</p>',
            '<link rel="stylesheet" href="https://127.0.0.1:1/x.css">',
            '<style>@import "file:///etc/passwd";</style>',
        ],
    )
    def test_fetches_nothing(self, own_template, body):
        with pytest.raises(FatalURLFetchingError):
            render_pdf(own_template(body), context())


class TestReplaceMissingGlyphs:
    @needs_pdftotext
    def test_a_geta_mark_stands_for_what_no_font_has(self, own_template):
        pdf = render_pdf(
            own_template("<p>{{ name }}</p>"),
            context(name=f"甲{UNASSIGNED}乙"),
            replaces_missing=True,
        )
        assert "甲〓乙" in text_of(pdf)

    def test_an_embedded_file_travels_along(self, own_template):
        pdf = render_pdf(own_template("<p>x</p>"), context(), embedded={"a.json": b'{"a": 1}'})
        assert embedded_history(pdf, "") == b'{"a": 1}'


class TestRefuseMissingGlyphs:
    @needs_pdftotext
    @pytest.mark.parametrize("name", ["𠮷田", "㛃华", "䶮", "赵𫖯", "𬱖", "堃喆", "镕", "囍"])
    def test_prints_rare_characters_of_names(self, own_template, name):
        text = text_of(render_pdf(own_template("<p>{{ name }}</p>"), context(name=name)))
        assert name in text

    def test_prt_01_names_the_characters(self, own_template):
        with pytest.raises(DomainError) as refused:
            render_pdf(own_template("<p>{{ name }}</p>"), context(name=f"张{UNASSIGNED}"))
        assert (refused.value.code, refused.value.status) == ("PRT-01", 422)
        assert "U+0378" in refused.value.message
        assert "张" not in refused.value.message

    @pytest.mark.parametrize("place", ["company", "doc_no", "form_title"])
    def test_looks_at_every_part_of_the_page(self, place):
        with pytest.raises(DomainError) as refused:
            render_pdf(FORM, context(**{place: UNASSIGNED}))
        assert refused.value.code == "PRT-01"

    def test_looks_at_the_watermark(self):
        with pytest.raises(DomainError):
            render_pdf(FORM, context(), watermark=UNASSIGNED)

    def test_does_not_mind_invisible_characters(self, own_template):
        text = "甲\u200d乙\ufe0f丙\u00ad丁\u2028戊"
        assert render_pdf(own_template("<p>{{ text }}</p>"), context(text=text))

    def test_prt_02_when_no_chinese_font_is_there(self):
        with pytest.raises(DomainError) as refused:
            engine_module._check_glyphs({ord("业"), ord("務")})
        assert (refused.value.code, refused.value.status) == ("PRT-02", 503)
        assert "fonts-noto-cjk" in refused.value.message

    def test_prt_02_without_the_subsetting_library(self, monkeypatch):
        monkeypatch.setattr(ffi, "harfbuzz_subset", None)
        with pytest.raises(DomainError) as refused:
            render_pdf(FORM, context())
        assert refused.value.code == "PRT-02"
        assert "libharfbuzz-subset0" in refused.value.message


class TestPrintMark:
    def test_draws_the_hash_as_a_code_without_links(self):
        code = PrintMark(1, NOW, "王", content_hash({"a": 1})).qr_code
        assert "<svg" in code
        assert "href" not in code

    def test_equal_content_has_an_equal_hash(self):
        first = content_hash({"a": "甲", "b": [date(2026, 1, 1), NOW]})
        assert first == content_hash({"b": [date(2026, 1, 1), NOW], "a": "甲"})
        assert first != content_hash({"a": "乙", "b": [date(2026, 1, 1), NOW]})
        assert re.fullmatch("[0-9a-f]{64}", first)

    def test_only_an_approved_form_has_no_watermark(self):
        assert watermark_for("APPROVED") is None
        for status in ("DRAFT", "IN_APPROVAL", "REJECTED", "RETURNED", "WITHDRAWN", "VOID"):
            assert watermark_for(status)


@pytest.mark.django_db
class TestRecordPrint:
    def record(self, document, actor, **values):
        values = {"form": "approval_form", "now": NOW, "sha256": "0" * 64} | values
        return record_print(document=document, actor=actor, **values).number

    def test_counts_each_form_on_its_own(self, document, stranger):
        assert [self.record(document, stranger) for _ in range(3)] == [1, 2, 3]
        assert self.record(document, stranger, form="schedule") == 1
        assert self.record(DocumentFactory(), stranger) == 1

    def test_keeps_who_when_what_and_why(self, document, stranger):
        self.record(document, stranger, reason=" 归档\n用 ", sha256="a" * 64)
        kept = PrintRecord.objects.get()
        assert (kept.printed_by, kept.printed_at, kept.reason) == (stranger, NOW, "归档 用")
        assert kept.sha256 == "a" * 64

    def test_prt_03_refuses_an_endless_reason(self, document, stranger):
        with pytest.raises(DomainError) as refused:
            self.record(document, stranger, reason="长" * 201)
        assert (refused.value.code, refused.value.field) == ("PRT-03", "reason")
        assert not PrintRecord.objects.exists()

    @pytest.mark.parametrize("act", ["update", "delete"])
    def test_is_append_only(self, document, stranger, act):
        self.record(document, stranger)
        rows = PrintRecord.objects.all()
        with (
            pytest.raises(Error, match=r"append_only|Cannot update or delete"),
            transaction.atomic(),
        ):
            rows.update(number=9) if act == "update" else rows.delete()
        assert PrintRecord.objects.get().number == 1


@pytest.mark.django_db(transaction=True)
class TestPrintAtTheSameTime:
    def test_two_prints_get_two_numbers(self):
        document, people = DocumentFactory(), [EmployeeFactory(), EmployeeFactory()]
        start, numbers, failures = threading.Barrier(2), [], []

        def print_it(person):
            try:
                start.wait(timeout=5)
                numbers.append(
                    record_print(
                        document=document, form="f", actor=person, now=NOW, sha256="0" * 64
                    ).number
                )
            except Exception as error:
                failures.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=print_it, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert sorted(numbers) == [1, 2]
