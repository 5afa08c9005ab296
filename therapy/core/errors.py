"""Errors whose text is fit for a person, and errors of the parts between our processes."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError
from django.utils.functional import Promise

# What a query raises while Postgres is away or cut the connection; Django has no one name for both.
DATABASE_FAULTS = (DatabaseError, InterfaceError)


class ApplicationError(Exception):
    """Something the person can be told. `text` is kind, short and translated; `code` is for programs."""

    def __init__(self, code: str, text: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


class TransportError(Exception):
    """A delivery did not work. A permanent one is not tried again."""

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
