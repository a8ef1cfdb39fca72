"""HTML to PDF by WeasyPrint, with nothing fetched and no character lost.

A font without a glyph draws an empty box and WeasyPrint only warns; on an approval form
that turns a name into nonsense, so every such page is refused instead.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation

from weasyprint import CSS, HTML, Attachment
from weasyprint.document import Document
from weasyprint.text import ffi
from weasyprint.urls import URLFetcher

from documents.printing.errors import cannot_print_chinese, missing_glyphs

_STYLESHEET = "app/css/pdf.css"
# Text pasted from Word holds these; no font has a glyph for them.
_LINE_ENDS = {0x2028: "\n", 0x2029: "\n"}
#: what Chinese and Japanese printers set for a character that they have not got
_GETA = "〓"
# Every step of every print at level INFO would drown the log.
logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)


class NoFetcher(URLFetcher):
    """Refuses every address: a typed text must not make the server read files or call out.

    ``pictures`` are ``data:`` addresses of what the print brings along itself (signatures).
    """

    def __init__(self, pictures: Collection[str] = ()) -> None:
        self._pictures = frozenset(pictures)
        super().__init__(allowed_protocols=frozenset({"data"}), fail_on_errors=True)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        if url in self._pictures:
            return super().fetch(url, headers)
        raise ValueError(f"a print-out may not fetch {url}")


def render_pdf(
    template: str,
    context: Mapping[str, Any],
    *,
    watermark: str | None = None,
    language: str = "zh-hans",
    embedded: Mapping[str, bytes] | None = None,
    replaces_missing: bool = False,
    pictures: Collection[str] = (),
) -> bytes:
    """The template, which extends ``documents/print/base.html``, as a PDF.

    ``watermark`` is written large across every page; ``embedded`` are files that travel in the
    PDF, by name; ``pictures`` are the ``data:`` addresses of its images. Raises PRT-01 (422)
    when no installed font has a character, or with ``replaces_missing`` prints a geta mark (〓)
    for it; PRT-02 (503) when the server cannot print Chinese at all.
    """
    if ffi.harfbuzz_subset is None:
        # Without it a page embeds whole Chinese fonts and takes 15 seconds.
        raise cannot_print_chinese("libharfbuzz-subset0")
    with translation.override(language):
        text = render_to_string(template, {**context, "watermark": watermark, "language": language})
    document, pdf = _drawn(text, embedded or {}, pictures)
    missing = _missing(document)
    if missing and replaces_missing and not any(_is_common_chinese(code) for code in missing):
        document, pdf = _drawn(
            text.translate(dict.fromkeys(missing, _GETA)), embedded or {}, pictures
        )
        missing = _missing(document)
    _check_glyphs(missing)
    return pdf


def _drawn(
    text: str, embedded: Mapping[str, bytes], pictures: Collection[str]
) -> tuple[Document, bytes]:
    fetcher = NoFetcher(pictures)
    style = CSS(string=_stylesheet(), url_fetcher=fetcher)
    document = HTML(string=text.translate(_LINE_ENDS), url_fetcher=fetcher).render(
        stylesheets=[style]
    )
    files = [
        Attachment(file_obj=io.BytesIO(data), name=name, relationship="Data")
        for name, data in embedded.items()
    ]
    pdf: bytes = document.write_pdf(attachments=files)
    return document, pdf


@lru_cache(maxsize=1)
def _stylesheet() -> str:
    found = finders.find(_STYLESHEET)
    if found is None:
        raise FileNotFoundError(_STYLESHEET)
    return Path(found).read_text(encoding="utf-8")


def _missing(document: Document) -> set[int]:
    """The characters that a font lacked which was really used, after all fallbacks."""
    return {code for font in document.fonts.values() for code in font.missing}


def _check_glyphs(missing: set[int]) -> None:
    if any(_is_common_chinese(code) for code in missing):
        raise cannot_print_chinese("fonts-noto-cjk")
    if missing:
        raise missing_glyphs(missing)


def _is_common_chinese(code: int) -> bool:
    """In GB 2312, which every Chinese font covers."""
    try:
        return chr(code) >= "\u3400" and bool(chr(code).encode("gb2312"))
    except UnicodeEncodeError:
        return False
