"""Collects the demo logins that `seed_demo` prints, so that they appear once in the box and in no log."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from therapy.core.local.output import Output


@dataclass
class Logins:
    """Role, user name and password per demo person."""

    people: list[tuple[str, str, str]] = field(default_factory=list)

    def listen(self, output: Output) -> Callable[[str, str], None]:
        """A reader of lines that keeps the logins and passes every other line on."""

        def read(source: str, text: str) -> None:
            if not self._take(text):
                output.line(source, text)

        return read

    def lines(self) -> list[str]:
        """One aligned line per person."""
        widths = [max(len(person[column]) for person in self.people) for column in (0, 1)]
        return [f"  {role:<{widths[0]}}   {name:<{widths[1]}}   {password}" for role, name, password in self.people]

    def _take(self, text: str) -> bool:
        try:
            found = json.loads(text)
            person = (str(found["role"]), str(found["username"]), str(found["password"]))
        except (ValueError, TypeError, KeyError):
            return False
        self.people.append(person)
        return True
