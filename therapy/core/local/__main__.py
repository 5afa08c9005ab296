"""`python -m therapy.core.local exec|services|run|erase`: the commands behind the Makefile."""

import argparse
import os
import sys

from therapy.core.local.commands import run_with_services
from therapy.core.local.errors import LocalError
from therapy.core.local.run import port_of, run
from therapy.core.local.services import erase, start_and_keep, stop_kept


def main(arguments: list[str]) -> int:
    """Parse, call, and say a fault in words instead of a traceback."""
    options = _parser().parse_args(arguments)
    try:
        if options.action == "exec":
            return run_with_services(_without_dashes(options.command), temporary=options.temporary)
        if options.action == "run":
            return run(port_of(os.environ.get("PORT") or "8000"))
        if options.action == "erase":
            print(f"Removed {erase()}.")
            return 0
        return _keep(options.state)
    except LocalError as error:
        print(f"attune: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"attune: {error.strerror or error}: {error.filename or 'no file named'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _keep(state: str) -> int:
    if state == "up":
        print("Running:", ", ".join(start_and_keep()) or "nothing to start, the environment names both servers")
        return 0
    print("Stopped." if stop_kept() else "Still in use by another command; they stop when it ends.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m therapy.core.local", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    execute = actions.add_parser("exec", help="run a command with PostgreSQL and Redis at hand")
    execute.add_argument("--temporary", action="store_true", help="fresh servers of its own, thrown away afterwards")
    execute.add_argument("command", nargs=argparse.REMAINDER)
    services = actions.add_parser("services", help="keep the servers running between commands")
    services.add_argument("state", choices=["up", "down"])
    actions.add_parser("run", help="everything, until Ctrl-C; PORT names the port")
    actions.add_parser("erase", help="remove the local data and its keys")
    return parser


def _without_dashes(command: list[str]) -> list[str]:
    rest = command[1:] if command[:1] == ["--"] else command
    if not rest:
        raise LocalError("exec needs a command: python -m therapy.core.local exec -- CMD …")
    return rest


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
