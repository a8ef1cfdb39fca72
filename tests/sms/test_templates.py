"""Texts: declared variables, another person's approval, every version kept."""

from __future__ import annotations

from django.db import IntegrityError, ProgrammingError, transaction

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from sms.choices import Kind, Usage, VersionState
from sms.models import TemplateVersion
from sms.rules.variables import sample_of
from sms.selectors import approved_texts
from sms.services.templates import (
    approve_version,
    create_template,
    reject_version,
    update_template,
    write_version,
)
from tests.sms.factories import draft_template, make_template

pytestmark = pytest.mark.django_db


def code_of(refused) -> str:
    return refused.value.code


class TestCreateTemplate:
    def test_sms_11_refuses_a_text_that_no_message_can_hold(self, world, now):
        template = draft_template(world, now, Kind.NOTICE)
        with pytest.raises(DomainError) as refused:
            write_version(template_id=template.pk, text="长" * 5000, actor=world.adm, now=now)
        assert code_of(refused) == "SMS-11"
        assert template.versions.count() == 1

    def test_waits_for_approval_and_is_of_no_use_before(self, world, now):
        template = draft_template(world, now, Kind.NOTICE)

        assert template.versions.get().state == VersionState.DRAFT
        assert not approved_texts().exists()

    @pytest.mark.parametrize("who", ["am", "tl", "fin", "brm"])
    def test_sms_15_refuses_other_roles(self, world, now, who):
        with pytest.raises(DomainError) as refused:
            create_template(
                values={"name": "x", "kind": Kind.NOTICE},
                text="x",
                actor=getattr(world, who),
                now=now,
            )

        assert (code_of(refused), refused.value.status) == ("SMS-15", 403)

    @pytest.mark.parametrize("text", ["{salary}", "{name} {due_date}"])
    def test_sms_04_refuses_unknown_variables(self, world, now, text):
        with pytest.raises(DomainError) as refused:
            draft_template(world, now, Kind.NOTICE, text=text)

        assert (code_of(refused), refused.value.field) == ("SMS-04", "text")

    @pytest.mark.parametrize(
        "text", ["{name", "name}", "{name!r}", "{name:>9}", "{name}{", "{{name}"]
    )
    def test_sms_05_refuses_broken_braces_and_formats(self, world, now, text):
        with pytest.raises(DomainError) as refused:
            draft_template(world, now, Kind.NOTICE, text=text)

        assert code_of(refused) == "SMS-05"

    @pytest.mark.parametrize("text", ["{name.__class__}", "{name[0]}", "{}", "{0}"])
    def test_sms_04_no_variable_reaches_into_objects(self, world, now, text):
        with pytest.raises(DomainError) as refused:
            draft_template(world, now, Kind.NOTICE, text=text)

        assert code_of(refused) == "SMS-04"

    def test_sms_16_refuses_a_usage_of_another_kind(self, world, now):
        with pytest.raises(DomainError) as refused:
            draft_template(world, now, Kind.MARKETING, usage=Usage.APPROVED)

        assert code_of(refused) == "SMS-16"

    def test_sms_17_one_template_in_use_serves_an_event(self, world, now):
        draft_template(world, now, Kind.NOTICE, usage=Usage.APPROVED)

        with pytest.raises(DomainError) as refused:
            draft_template(world, now, Kind.NOTICE, name="另一", usage=Usage.APPROVED)

        assert code_of(refused) == "SMS-17"

    def test_sms_18_refuses_a_taken_name(self, world, now):
        draft_template(world, now, Kind.NOTICE)

        with pytest.raises(DomainError) as refused:
            draft_template(world, now, Kind.NOTICE)

        assert code_of(refused) == "SMS-18"

    def test_the_change_log_says_who_entered_it(self, world, now):
        template = draft_template(world, now, Kind.NOTICE)

        rows = ChangeRecord.objects.filter(model="sms.smstemplate", object_id=template.pk)
        assert {row.field for row in rows} >= {"name", "kind"}
        assert {row.actor for row in rows} == {world.plm}


class TestDecide:
    def test_approval_by_another_person_puts_it_in_use(self, world, now):
        template = make_template(world, now, Kind.NOTICE)

        assert approved_texts().get().template == template

    def test_sms_06_nobody_approves_his_own_text(self, world, now):
        template = create_template(
            values={"name": "自写", "kind": Kind.NOTICE}, text="您好", actor=world.hrm, now=now
        )

        with pytest.raises(DomainError) as refused:
            approve_version(version_id=template.versions.get().pk, actor=world.hrm, now=now)

        assert (code_of(refused), refused.value.status) == ("SMS-06", 403)

    def test_the_database_refuses_an_author_who_decides(self, world, now):
        version = draft_template(world, now, Kind.NOTICE).versions.get()

        with pytest.raises(IntegrityError, match="decided_by_another"), transaction.atomic():
            TemplateVersion.objects.filter(pk=version.pk).update(
                state=VersionState.APPROVED, decided_by=version.author, decided_at=now
            )

    @pytest.mark.parametrize("who", ["plm", "adm", "am"])
    def test_sms_15_only_head_office_risk_decides(self, world, now, who):
        version = draft_template(world, now, Kind.NOTICE).versions.get()

        with pytest.raises(DomainError) as refused:
            approve_version(version_id=version.pk, actor=getattr(world, who), now=now)

        assert code_of(refused) == "SMS-15"

    def test_sms_13_refuses_a_second_decision(self, world, now):
        version = make_template(world, now, Kind.NOTICE).versions.get()

        with pytest.raises(DomainError) as refused:
            reject_version(version_id=version.pk, note="不再需要", actor=world.hrm, now=now)

        assert code_of(refused) == "SMS-13"

    def test_sms_19_a_rejection_has_a_reason(self, world, now):
        version = draft_template(world, now, Kind.NOTICE).versions.get()

        with pytest.raises(DomainError) as refused:
            reject_version(version_id=version.pk, note="不", actor=world.hrm, now=now)

        assert (code_of(refused), refused.value.field) == ("SMS-19", "note")

    def test_an_approved_text_never_changes(self, world, now):
        version = make_template(world, now, Kind.NOTICE).versions.get()

        with pytest.raises(ProgrammingError), transaction.atomic():
            TemplateVersion.objects.filter(pk=version.pk).update(text="别的")


class TestVersions:
    def test_the_old_text_stays_in_use_until_the_new_one_is_approved(self, world, now):
        template = make_template(world, now, Kind.NOTICE)
        second = write_version(template_id=template.pk, text="新文本", actor=world.plm, now=now)
        assert approved_texts().get().number == 1

        approve_version(version_id=second.pk, actor=world.hrm, now=now)

        assert approved_texts().get().text == "新文本"
        assert template.versions.count() == 2

    def test_sms_22_one_text_waits_at_a_time(self, world, now):
        template = draft_template(world, now, Kind.NOTICE)

        with pytest.raises(DomainError) as refused:
            write_version(template_id=template.pk, text="又一", actor=world.plm, now=now)

        assert code_of(refused) == "SMS-22"

    def test_out_of_use_means_that_nothing_is_sent(self, world, now):
        template = make_template(world, now, Kind.NOTICE)

        update_template(
            template_id=template.pk,
            values={"is_active": False},
            seen_version=1,
            actor=world.plm,
            now=now,
        )

        assert not approved_texts().exists()

    def test_the_sample_fills_every_declared_variable(self, world, now):
        text = "{name}{customer}{manager}{loan_no}{amount}{due_date}{days}"

        assert "{" not in sample_of(Kind.COLLECTION, text)
