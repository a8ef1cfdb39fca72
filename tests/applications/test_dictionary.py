"""字典: words, order and offer of the value lists, as forms, services and papers take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

from django import forms
from django.utils import translation

import pytest

from applications.choices import GuaranteeItemKind, Purpose
from applications.forms.rows import GuaranteeForm
from applications.models import GuaranteeItem
from applications.services.drafts import copy_application, update_application
from customers.choices import LossReason
from customers.services.opportunities import lose_opportunity
from documents.desk.fields import column_field
from documents.services.documents import void_document
from lending_crm.common import dictionary
from lending_crm.common.errors import DomainError
from lending_crm.common.forms import WordField
from lending_crm.common.models import ChangeRecord, DictionaryWord
from staff.services.dictionary import Kept, keep_value_list
from tests.applications.factories import Lender, fresh, house
from tests.applications.test_approval import Walk, again
from tests.workflows.pages import browser, text_of
from workflows.models import Snapshot


class PurposeForm(forms.Form):
    purpose = WordField(words=Purpose, required=False)


@pytest.fixture(autouse=True)
def as_shipped() -> Iterator[None]:
    yield
    dictionary._known.words = {}


@pytest.fixture
def keep(lender: Lender, django_capture_on_commit_callbacks) -> Callable[..., None]:
    """Keep some codes of a list as the information administrator."""

    def keep(choices, actor=None, **codes) -> None:
        of = dictionary.list_of(choices)
        words = {}
        for code, changes in codes.items():
            now = of.word(code)
            words[code] = replace(Kept(now.zh, now.en, now.position, now.is_offered), **changes)
        with django_capture_on_commit_callbacks(execute=True):
            keep_value_list(
                of=of, words=words, actor=again(actor or lender.people.adm), now=lender.now
            )

    return keep


def refused(call: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value


class TestWords:
    def test_a_word_is_said_everywhere_in_the_language_of_the_reader(self, lender, keep):
        keep(Purpose, WORKING_CAPITAL={"zh": "流动资金周转", "en": "Turnover"})
        application = lender.draft()

        assert application.get_purpose_display() == "流动资金周转"
        assert str(Purpose.WORKING_CAPITAL.label) == "流动资金周转"
        with translation.override("en"):
            assert application.get_purpose_display() == "Turnover"
            assert ("WORKING_CAPITAL", "Turnover") in list(PurposeForm().fields["purpose"].choices)

    def test_an_empty_word_is_said_as_it_ships(self, lender, keep):
        keep(Purpose, WORKING_CAPITAL={"en": "Turnover"})
        with translation.override("zh-hans"):
            shipped = dictionary.list_of(Purpose).shipped("WORKING_CAPITAL")["zh"]
            assert str(Purpose.WORKING_CAPITAL.label) == shipped

    def test_migrations_see_what_ships(self, keep):
        keep(Purpose, WORKING_CAPITAL={"zh": "周转", "en": "Turnover"})
        with translation.override(None):
            assert str(Purpose.WORKING_CAPITAL.label) == "Working capital"

    def test_n17_a_submitted_case_keeps_its_words(self, lender, keep):
        walk = Walk(lender, lender.draft())
        before = Snapshot.objects.get(case=walk.case).content
        keep(Purpose, WORKING_CAPITAL={"zh": "别的叫法"})
        page = text_of(browser(lender.people.tl, language="zh-hans").get(f"/cases/{walk.case.pk}/"))
        assert "别的叫法" not in page
        assert Snapshot.objects.get(case=walk.case).content == before


class TestOffer:
    def test_the_order_and_the_offer_are_those_of_the_forms(self, lender, keep):
        shipped = [code for code, _label in dictionary.list_of(GuaranteeItemKind).offered()]
        keep(GuaranteeItemKind, VEHICLE={"position": 1}, PERSON={"position": 2},
             LAND={"is_offered": False})  # fmt: skip

        for form in (GuaranteeForm(), None):
            made = (
                form.fields["kind"]
                if form
                else column_field(GuaranteeItem._meta.get_field("kind"), required=True)
            )
            offered = [code for code, _label in made.choices if code]
            assert offered[:2] == ["VEHICLE", "PERSON"]
            assert set(shipped) - set(offered) == {"LAND"}

    def test_dic_01_what_is_no_longer_offered_is_not_chosen_anew(self, lender, keep):
        keep(Purpose, EQUIPMENT={"is_offered": False})
        application = lender.draft()

        refusal = refused(
            lambda: update_application(
                application_id=application.pk,
                actor=again(lender.am),
                now=lender.now,
                values={"purpose": "EQUIPMENT"},
            )
        )
        assert (refusal.code, refusal.field) == ("DIC-01", "purpose")

    def test_dic_01_holds_for_rows_and_for_a_loss_too(self, lender, keep):
        keep(GuaranteeItemKind, LAND={"is_offered": False})
        keep(LossReason, PRICE={"is_offered": False})
        refusal = refused(lambda: lender.draft(guarantee_items=[house(kind="LAND")]))
        assert (refusal.code, refusal.field) == ("DIC-01", "guarantee_items.0.kind")
        refusal = refused(
            lambda: lose_opportunity(
                opportunity=lender.opportunity,
                lost_reason="PRICE",
                actor=again(lender.am),
                now=lender.now,
            )
        )
        assert (refusal.code, refusal.field) == ("DIC-01", "lost_reason")

    def test_what_was_chosen_before_stays_and_is_saved_again(self, lender, keep):
        application = lender.draft(purpose="EQUIPMENT", guarantee_items=[house(kind="LAND")])
        keep(Purpose, EQUIPMENT={"is_offered": False})
        keep(GuaranteeItemKind, LAND={"is_offered": False})

        assert PurposeForm({"purpose": "EQUIPMENT"}, initial={"purpose": "EQUIPMENT"}).is_valid()
        assert not PurposeForm({"purpose": "EQUIPMENT"}).is_valid()
        saved = update_application(
            application_id=application.pk, actor=again(lender.am), now=lender.now,
            values={"purpose": "EQUIPMENT", "repay_source": "租金"},
            rows={"guarantee_items": [house(kind="LAND", ratio=Decimal(50))]},
        )  # fmt: skip
        assert fresh(saved).repay_source == "租金"

    def test_a_copy_takes_over_what_is_no_longer_offered(self, lender, keep):
        made = lender.draft(purpose="EQUIPMENT", guarantee_items=[house(kind="LAND")])
        void_document(
            document_id=made.pk, actor=again(lender.am), now=lender.now, reason="客户不办了"
        )
        keep(Purpose, EQUIPMENT={"is_offered": False})
        keep(GuaranteeItemKind, LAND={"is_offered": False})
        copy = copy_application(application_id=made.pk, actor=again(lender.am), now=lender.now)
        assert copy.purpose == "EQUIPMENT"


class TestKeeping:
    def test_only_the_administrator_keeps_it(self, lender, keep):
        refusal = refused(lambda: keep(Purpose, actor=lender.people.ceo, OTHER={"zh": "其他"}))
        assert refusal.code == "ORG-02"

    @pytest.mark.parametrize(
        ("codes", "code", "field"),
        [
            ({"OTHER": {"zh": "长" * 41}}, "DIC-02", "OTHER.zh"),
            ({"OTHER": {"zh": "同"}, "PROJECT": {"zh": "同"}}, "DIC-02", "OTHER.zh"),
            ({"OTHER": {"position": 0}}, "DIC-02", "OTHER.position"),
            ({"STOCKS": {"is_offered": False}}, "DIC-04", "STOCKS.is_offered"),
        ],
    )
    def test_dic_02_dic_04_refuse_at_the_field(self, keep, codes, code, field):
        refusal = refused(lambda: keep(Purpose, **codes))
        assert (refusal.code, refusal.field) == (code, field)
        assert not DictionaryWord.objects.filter(list_code="applications.Purpose").exists()

    def test_dic_03_a_list_offers_something(self, keep):
        every = {code: {"is_offered": False} for code in LossReason.values}
        assert refused(lambda: keep(LossReason, **every)).code == "DIC-03"

    def test_the_change_log_names_field_old_and_new(self, lender, keep):
        keep(Purpose, OTHER={"zh": "其他用途", "is_offered": False})
        rows = ChangeRecord.objects.filter(model="common.dictionaryword")
        assert {(row.field, row.old, row.new, row.actor) for row in rows} == {
            ("zh", "", "其他用途", lender.people.adm),
            ("is_offered", "是", "否", lender.people.adm),
        }

    def test_another_process_reads_it_when_its_words_are_old(self, lender, keep, settings):
        keep(Purpose, OTHER={"zh": "其他用途"})
        dictionary._known.words, dictionary._known.read_at = {}, None
        settings.DICTIONARY_MAX_AGE = 30
        browser(lender.am, language="zh-hans").get("/healthz")
        with translation.override("zh-hans"):
            assert str(Purpose.OTHER.label) == "其他用途"


class TestPages:
    URL = "/settings/dictionary/applications.Purpose/"

    def test_stands_in_the_menu_under_the_manuals_word(self, lender):
        page = browser(lender.people.adm, language="zh-hans").get("/settings/dictionary/")
        assert "字典" in text_of(page)
        assert "借款用途" in text_of(page)
        assert "/settings/dictionary/" not in browser(lender.am).get("/").content.decode()

    def test_keeps_a_list(self, lender, django_capture_on_commit_callbacks):
        client = browser(lender.people.adm, language="zh-hans")
        data = self.data() | {"OTHER-zh": "其他用途"}
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(self.URL, data)
        assert answer.status_code == 302
        assert str(Purpose.OTHER.label) == "其他用途"
        page = text_of(client.get(self.URL))
        assert "其他用途" in page
        assert "修改记录" in page

    def test_what_is_refused_stays_in_its_field(self, lender):
        client = browser(lender.people.adm, language="zh-hans")
        answer = client.post(self.URL, self.data() | {"OTHER-zh": "同", "PROJECT-zh": "同"})
        assert answer.status_code == 422
        assert "“同”在列表中出现了两次。" in text_of(answer)
        assert 'value="同"' in answer.content.decode()

    def test_an_unknown_list_is_not_found(self, lender):
        client = browser(lender.people.adm)
        assert client.get("/settings/dictionary/nothing/").status_code == 404

    def data(self) -> dict[str, str]:
        found = {}
        for place, code in enumerate(Purpose.values, start=1):
            found |= {f"{code}-zh": "", f"{code}-en": "", f"{code}-position": str(place)}
            found[f"{code}-is_offered"] = "on"
        return found
