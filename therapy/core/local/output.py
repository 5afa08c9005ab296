"""What the supervisor prints: one prefixed line per line of a child, a copy in `.local/logs`, and the box at the end.

Colour only on a terminal. A reader that went away (a closed pipe) silences the screen, never the log files.
"""

import sys
import threading
import unicodedata
from pathlib import Path
from typing import TextIO

COLOURS = (36, 33, 35, 32, 34, 31, 96, 93)
LARGEST_LOG = 5_000_000


class Output:
    """Shared by all reader threads."""

    def __init__(self, logs: Path, screen: TextIO = sys.stdout) -> None:
        self.logs = logs
        self.screen = screen
        self.width = 9
        self._colours: dict[str, int] = {}
        self._lock = threading.Lock()
        self._tty = screen.isatty()

    def line(self, source: str, text: str) -> None:
        """One line of one source, on the screen and in its log file."""
        text = _printable(text).rstrip()
        if not text:
            return
        with self._lock:
            colour = self._colours.setdefault(source, COLOURS[len(self._colours) % len(COLOURS)])
            prefix = f"{source:<{self.width}} | "
            self._write(f"\033[{colour}m{prefix}\033[0m{text}" if self._tty else prefix + text)
            self._keep(source, text)

    def say(self, text: str) -> None:
        """A line of the supervisor itself."""
        self.line("attune", text)

    def box(self, lines: list[str]) -> None:
        """The lines in a frame, with room around it."""
        width = max(_columns(line) for line in lines)
        frame = ["", "┌" + "─" * (width + 4) + "┐"]
        frame += [f"│  {line}{' ' * (width - _columns(line))}  │" for line in lines]
        with self._lock:
            self._write("\n".join([*frame, "└" + "─" * (width + 4) + "┘", ""]))

    def _write(self, text: str) -> None:
        try:
            print(text, file=self.screen, flush=True)
        except UnicodeEncodeError:
            print(text.encode("ascii", "replace").decode(), file=self.screen, flush=True)
        except (BrokenPipeError, ValueError):
            pass

    def _keep(self, source: str, text: str) -> None:
        path = self.logs / f"{source}.log"
        try:
            if path.exists() and path.stat().st_size > LARGEST_LOG:
                path.replace(path.with_suffix(".log.1"))
            with path.open("a") as handle:
                handle.write(text + "\n")
        except OSError:
            # A full disk must not take the screen away as well.
            return


def _printable(text: str) -> str:
    """Without control characters other than tab: a log line must not be able to drive the terminal."""
    return "".join(sign for sign in text if sign == "\t" or unicodedata.category(sign) != "Cc")


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
