"""`make run`: services, preparation, all programs, a page that answers, and the box with address and logins."""

import os
import time
from contextlib import suppress

from therapy.core.local.errors import LocalError
from therapy.core.local.logins import Logins
from therapy.core.local.output import Output
from therapy.core.local.page import answers, require_free_port, single_run
from therapy.core.local.places import PROJECT, local_folder, prepare
from therapy.core.local.reach import require_database, require_redis
from therapy.core.local.services import running_services
from therapy.core.local.stack import WEB, preparation, programs, variables
from therapy.core.local.supervisor import Stopped, StopRequest, Supervisor

PAGE_SECONDS = 120.0


def run(port: int) -> int:
    """Everything, until Ctrl-C. Exit status 0 for a stop that was asked for and for 'already running'."""
    output = Output(prepare(local_folder()).logs)
    address = f"http://127.0.0.1:{port}"
    with single_run(local_folder(), address) as running_at:
        if running_at:
            output.say(f"Attune is already running at {running_at}. Stop it there with Ctrl-C first.")
            return 0
        require_free_port(port)
        stop = StopRequest()
        stop.listen()
        with suppress(Stopped):
            _serve(output, stop, port, address)
        output.say("stopped")
    return 0


def _serve(output: Output, stop: StopRequest, port: int, address: str) -> None:
    began = time.monotonic()
    _require_answers()
    output.say("starting PostgreSQL and Redis")
    with running_services() as found:
        environment = os.environ | found | variables(port)
        with Supervisor(output, stop, environment, PROJECT) as supervisor:
            logins = _prepare(supervisor, output)
            for program in programs(local_folder(), port):
                supervisor.start(program)
            supervisor.wait_until(lambda: answers(address), WEB, PAGE_SECONDS)
            output.box(_welcome(address, logins, time.monotonic() - began))
            supervisor.run_until_stopped()
            output.say("stopping")


def _prepare(supervisor: Supervisor, output: Output) -> Logins:
    logins = Logins()
    supervisor.run_step(preparation(), logins.listen(output))
    return logins


def _require_answers() -> None:
    if os.environ.get("DATABASE_URL"):
        require_database(os.environ["DATABASE_URL"])
    if os.environ.get("REDIS_URL"):
        require_redis(os.environ["REDIS_URL"])


def _welcome(address: str, logins: Logins, seconds: float) -> list[str]:
    lines = [f"Attune is ready: {address}   ({seconds:.0f} s, Ctrl-C stops it)"]
    if logins.people:
        lines += ["", "Demo logins, on this machine only:", *logins.lines(), "", _about_second_factor()]
    return lines


def _about_second_factor() -> str:
    """What the demo differs in from an installation: said in the box, never silently."""
    if os.environ.get("STAFF_MFA_REQUIRED", "").lower() in ("1", "true", "yes", "on"):
        return "Staff set up a second factor at their first login (STAFF_MFA_REQUIRED)."
    return "Here staff log in without a second factor. STAFF_MFA_REQUIRED=1 make run asks for it, as production does."


def port_of(text: str) -> int:
    """The PORT of the environment as a number."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise LocalError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)
