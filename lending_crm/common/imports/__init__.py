"""Rows out of a workbook that somebody filled in; what becomes of them is the app's affair."""

from lending_crm.common.imports.workbook import ReadRow, read_sheet

__all__ = ["ReadRow", "read_sheet"]
