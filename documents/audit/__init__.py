"""Audit packs: a whole case as files that can be checked without the system.

The format is told in docs/reference/audit-pack.md; ``lending_verify`` reads it.
"""
