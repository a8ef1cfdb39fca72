"""What a list shows as a workbook; see docs/developers/exports.md."""

from lending_crm.common.exports.declarations import Column, ListExport, register_export

__all__ = ["Column", "ListExport", "register_export"]
