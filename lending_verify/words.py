"""What a check found, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("en", "zh")

_WORDS: Mapping[str, tuple[str, str]] = {
    # the file cannot be judged
    "not-there": ("There is no file “{path}”.", "找不到文件“{path}”。"),
    "unreadable": ("“{path}” cannot be read: {reason}", "无法读取“{path}”:{reason}"),
    "unknown-format": (
        "“{path}” is neither an audit pack, nor an exported history, nor a PDF of one.",
        "“{path}”不是审计包,也不是导出的审批历史或其 PDF。",
    ),
    "newer-format": (
        "The format {version} is newer than this program; take the one that came with the product.",
        "格式版本 {version} 比本程序新,请使用随产品发布的校验程序。",
    ),
    "hostile": (
        "The archive is not one that the product makes: {reason}",
        "该压缩包不是本系统生成的:{reason}",
    ),
    # the archive
    "no-manifest": ("The manifest is missing.", "缺少清单 manifest.json。"),
    "bad-json": ("{path} is damaged: it is no valid JSON.", "{path} 已损坏:不是有效的 JSON。"),
    "bad-form": (
        "{path} is damaged: {name} is missing or not what it should be.",
        "{path} 已损坏:{name} 缺失或形式不对。",
    ),
    "fingerprint": (
        "The pack is another one than expected: its fingerprint is {found}, not {wanted}.",
        "审计包与预期不符:其指纹为 {found},应为 {wanted}。",
    ),
    "missing-file": ("{path} is missing ({what}).", "缺少 {path}({what})。"),
    "changed-file": ("{path} was changed ({what}).", "{path} 已被修改({what})。"),
    "extra-file": ("{path} does not belong to the pack.", "{path} 不属于该审计包。"),
    "listed-twice": ("{path} is there twice.", "{path} 出现两次。"),
    "damaged-file": ("{path} is damaged ({what}).", "{path} 已损坏({what})。"),
    "missing-then": (
        "“{title}” was not there any more when the pack was made: {reason}",
        "生成审计包时“{title}”已不存在:{reason}",
    ),
    # the history
    "event-missing": (
        "The history breaks at entry {sequence}: the entry is missing.",
        "审批历史在第 {sequence} 条断开:该条缺失。",
    ),
    "event-unlinked": (
        "The history breaks at entry {sequence} ({who}, {at}): it does not follow the one before.",
        "审批历史在第 {sequence} 条断开({who},{at}):与上一条不衔接。",
    ),
    "event-changed": (
        "The history breaks at entry {sequence} ({who}, {at}): it was changed.",
        "审批历史在第 {sequence} 条断开({who},{at}):内容已被修改。",
    ),
    "history-cut": (
        "The history breaks after entry {sequence}: its end was cut off.",
        "审批历史在第 {sequence} 条之后断开:末尾已被删除。",
    ),
    "other-case": (
        "Entry {sequence} belongs to another case.",
        "第 {sequence} 条属于另一单据。",
    ),
    "snapshot-missing": (
        "The document as seen at entry {sequence} is missing (snapshot {number}).",
        "缺少第 {sequence} 条处理时的单据快照(快照 {number})。",
    ),
    "snapshot-changed": (
        "The document as it was seen (snapshot {number}) was changed.",
        "处理时所见的单据(快照 {number})已被修改。",
    ),
    "signature-missing": (
        "The signature that entry {sequence} carries is missing.",
        "缺少第 {sequence} 条的签名图片。",
    ),
    "signature-changed": (
        "{path} is not the signature that entry {sequence} carries: it was changed.",
        "{path} 不是第 {sequence} 条的签名图片:已被修改。",
    ),
    "definition-missing": (
        "The flow version that entry {sequence} ran on is missing.",
        "缺少第 {sequence} 条所用的流程版本。",
    ),
    "histories-differ": (
        "{path} tells another history than history.json.",
        "{path} 中的审批历史与 history.json 不一致。",
    ),
    "pdf-changed": ("{path} was changed after it was made.", "{path} 在生成后被修改。"),
    "pdf-without-history": ("{path} holds no history.", "{path} 中没有审批历史数据。"),
    # what is told of an intact one
    "intact": ("INTACT", "完整"),
    "broken": ("BROKEN: {n} faults", "已损坏:{n} 处问题"),
    "cannot": ("CANNOT BE CHECKED", "无法校验"),
    "about": (
        "{doc_no} · {events} history entries · {snapshots} snapshots · {files} files",
        "{doc_no} · 审批历史 {events} 条 · 快照 {snapshots} 份 · 文件 {files} 个",
    ),
    "head": ("Last hash: {hash}", "末条哈希:{hash}"),
    "print": ("Fingerprint: {hash}", "指纹:{hash}"),
    "compare": (
        "Compare the fingerprint with the one that the system shows for this export.",
        "请与系统中该次导出所显示的指纹核对。",
    ),
}


@dataclass(frozen=True)
class Problem:
    """One fault; ``code`` is stable, the sentence is for people."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        return say(self.code, language, **self.params)


class CannotCheck(Exception):
    """The file is none that could be judged at all."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.problem = Problem(code, params)


def say(code: str, language: str, **params: Any) -> str:
    shown = {name: printable(str(value)) for name, value in params.items()}
    return _WORDS[code][LANGUAGES.index(language)].format(**shown)


def printable(text: str, limit: int = 200) -> str:
    """Text of an untrusted file on one line, without what moves a terminal's cursor."""
    kept = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(kept.split())[:limit]
