"""Each code of the catalogue with the sentences of domain.md, in both languages."""

from __future__ import annotations

from django.utils import translation

import pytest

from documents import categories, errors
from documents.files import refusals

SENTENCES = [
    (
        errors.under_approval,
        "WF-04",
        '单据审批中,不能修改;如需补充材料,请新建"补充附件"。',
        "The document is under approval and cannot be changed; use a supplementary attachment"
        " instead.",
    ),
    (
        lambda: errors.wrong_status("APPROVED"),
        "WF-05",
        "单据已通过,不能执行该操作。",
        "The document is already Approved; this action is not allowed.",
    ),
    (
        lambda: errors.required_fields(["备注", "主题"]),
        "WF-08",
        "以下必填项未填写:备注、主题。",
        "These required fields are empty: 备注, 主题.",
    ),
    (
        lambda: errors.required_attachments([categories.IDENTITY.label]),
        "WF-09",
        "缺少必备附件:身份证明/营业执照。",
        "Required attachments are missing: Identity document or business licence.",
    ),
    (
        errors.frozen_attachments,
        "ATT-01",
        '单据审批中,不能增删附件,请使用"补充附件"。',
        "Use a supplement while under approval.",
    ),
    (
        refusals.not_allowed,
        "ATT-02",
        "不支持的文件类型或超过 50MB。",
        "File type not allowed or larger than 50 MB.",
    ),
    (
        lambda: errors.not_under_approval("YW-1"),
        "SUP-01",
        "业务 YW-1 不在审批中,不能新建补充附件;请直接编辑附件。",
        "YW-1 is not under approval; edit the attachments instead.",
    ),
    (errors.no_files, "SUP-02", "补充附件至少上传一个文件。", "Add at least one file."),
    (
        errors.supplement_closed,
        "SUP-03",
        "补充附件提交后不能修改或删除。",
        "A submitted supplement cannot be changed.",
    ),
]


@pytest.mark.parametrize(("make", "code", "chinese", "english"), SENTENCES)
class TestSentence:
    def test_is_the_catalogues_own(self, make, code, chinese, english):
        refusal = make()
        assert refusal.code == code
        with translation.override("zh-hans"):
            assert refusal.message == chinese
        with translation.override("en"):
            assert refusal.message == english


class TestCategories:
    def test_one_code_has_one_label(self):
        categories.register_categories("a_kind", [categories.OTHER])
        with pytest.raises(ValueError, match="two labels"):
            categories.register_categories(
                "b_kind", [categories.AttachmentCategory("OTHER", "something else")]
            )
        categories._offered.pop("a_kind")

    def test_an_unknown_code_shows_itself(self):
        assert categories.label_of("GONE") == "GONE"
        assert categories.categories_of("never registered") == (categories.OTHER,)
