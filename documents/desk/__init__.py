"""The desk of a kind of document: its list, its form, its page, its API, from one declaration."""

from documents.desk.declaration import Column, Desk, Figure, Origin, all_desks, desk_of, register

__all__ = ["Column", "Desk", "Figure", "Origin", "all_desks", "desk_of", "register"]
