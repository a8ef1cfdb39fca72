"""Print-outs as PDF: one engine, one page furniture, and a record of every print."""

from documents.printing.engine import render_pdf
from documents.printing.marks import PrintMark, company_name, content_hash, watermark_for
from documents.printing.records import record_print

__all__ = [
    "PrintMark",
    "company_name",
    "content_hash",
    "record_print",
    "render_pdf",
    "watermark_for",
]
