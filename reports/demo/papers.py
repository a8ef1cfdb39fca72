"""Small real files for attachments and consents: PDF, Word, Excel and JPEG, made in code.

No font and no program is needed for them, so the demo loads wherever the product runs.
"""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Sequence
from xml.sax.saxutils import escape

from django.core.files.uploadedfile import SimpleUploadedFile

from openpyxl import Workbook
from PIL import Image, ImageDraw, ImageFont

_PAGE = "595 842"
_LEFT, _TOP, _TITLE_SIZE, _TEXT_SIZE, _LINE = 64, 760, 20, 12, 24
_LINE_LENGTH = 38
_MADE = (2026, 1, 1, 9, 0, 0)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_WORD}.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)
_DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body>{paragraphs}</w:body></w:document>"
)


def pdf(name: str, title: str, lines: Sequence[str]) -> SimpleUploadedFile:
    """One page of text in the Song type that every PDF reader brings or replaces."""
    content = zlib.compress(_page_text(title, lines).encode("ascii"))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 " + _PAGE.encode() + b"]"
        b" /Resources << /Font << /F1 4 0 R >> >> /Contents 7 0 R >>",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light"
        b" /Encoding /UniGB-UTF16-H /DescendantFonts [5 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
        b" /DW 1000 /W [1 95 500] /FontDescriptor 6 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6"
        b" /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120"
        b" /CapHeight 880 /StemV 93 >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(content), content),
    ]
    data, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
    )
    return SimpleUploadedFile(f"{name}.pdf", data, "application/pdf")


def _page_text(title: str, lines: Sequence[str]) -> str:
    shown = [(_TITLE_SIZE, title), (_TEXT_SIZE, "")]
    for line in lines:
        pieces = [line[at : at + _LINE_LENGTH] for at in range(0, len(line), _LINE_LENGTH)]
        shown += [(_TEXT_SIZE, piece) for piece in pieces or [""]]
    drawn = ["BT"]
    for place, (size, text) in enumerate(shown):
        code = text.encode("utf-16-be").hex().upper()
        drawn.append(f"/F1 {size} Tf 1 0 0 1 {_LEFT} {_TOP - place * _LINE} Tm <{code}> Tj")
    return "\n".join([*drawn, "ET"])


def word(name: str, title: str, lines: Sequence[str]) -> SimpleUploadedFile:
    """A Word file: the manual keeps 贷款及征信情况 and 偿债能力分析 as such."""
    paragraphs = "".join(
        f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in (title, *lines)
    )
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _RELATIONS,
        "word/document.xml": _DOCUMENT.format(paragraphs=paragraphs),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in parts.items():
            archive.writestr(zipfile.ZipInfo(path, date_time=_MADE), text)
    return SimpleUploadedFile(f"{name}.docx", stream.getvalue(), _WORD)


def excel(
    name: str, title: str, header: Sequence[str], rows: Sequence[Sequence[object]]
) -> SimpleUploadedFile:
    """A workbook with one sheet: statements and bank flows come as such."""
    book = Workbook()
    sheet = book.active
    sheet.title = title[:31]
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile(f"{name}.xlsx", stream.getvalue(), "application/octet-stream")


def picture(name: str, number: str, chance: random.Random) -> SimpleUploadedFile:
    """A photograph of a paper as a telephone takes it: a pale sheet with a frame and a number."""
    paper = Image.new("RGB", (640, 420), (chance.randint(232, 246), 240, 230))
    draw = ImageDraw.Draw(paper)
    draw.rectangle((18, 18, 621, 401), outline=(150, 40, 40), width=5)
    draw.ellipse((500, 280, 590, 370), outline=(190, 30, 30), width=4)
    for line in range(6):
        draw.line((60, 150 + line * 34, 300 + chance.randint(0, 240), 150 + line * 34),
                  fill=(120, 120, 120), width=3)  # fmt: skip
    draw.text((60, 70), number, fill=(30, 30, 30), font=ImageFont.load_default(size=30))
    stream = io.BytesIO()
    paper.save(stream, "JPEG", quality=70)
    return SimpleUploadedFile(f"{name}.jpg", stream.getvalue(), "image/jpeg")
