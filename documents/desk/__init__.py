"""The desk of a kind of document: its list, its form, its page, its API, from one declaration."""

from documents.desk.declaration import Column, Desk, Figure, Origin, all_desks, desk_of, register
from documents.lists import Head

__all__ = ["Column", "Desk", "Figure", "Head", "Origin", "all_desks", "desk_of", "register"]
