"""Checks audit packs and exported histories without the product and its database.

Only the standard library of Python 3.9 or newer is needed, so that an auditor can copy this
folder anywhere. The format is told in docs/reference/audit-pack.md.
"""
