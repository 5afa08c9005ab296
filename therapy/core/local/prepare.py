"""The steps before the programs start, in one process because starting Django costs more than the steps.

Runs as `python -m therapy.core.local.prepare STEP…`; the one module of this package that needs Django.
"""

import sys

import django
from django.core.management import call_command
from django.core.management.base import CommandError


def main(steps: list[str]) -> int:
    """Each step is a management command with its options in one argument."""
    django.setup()
    for step in steps:
        words = step.split()
        print(f"{words[0]} …", flush=True)
        try:
            call_command(*words)
        except CommandError as error:
            print(f"{words[0]}: {error}", flush=True)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
