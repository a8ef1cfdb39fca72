"""The commands behind the Makefile."""

from __future__ import annotations

import os

from scripts.dev import environment, packages
from scripts.dev.console import Stop, complain
from scripts.dev.places import require_space

COMMANDS = ("setup", "run", "check", "test", "soak", "lock", "messages", "openapi", "roles")


def main(arguments: list[str]) -> int:
    """Set up what the command needs, then run it inside the environment."""
    if not arguments or arguments[0] not in COMMANDS:
        complain(f"Usage: python -m scripts.dev {{{'|'.join(COMMANDS)}}}")
        return 2
    try:
        return _run(arguments)
    except Stop as reason:
        complain(str(reason))
        return 1
    except KeyboardInterrupt:
        complain("Stopped.")
        return 130
    except EOFError:
        complain("The answer is missing: run this again in a terminal.")
        return 1
    except OSError as error:
        complain(f"The system refuses: {error}.")
        return 1


def _run(arguments: list[str]) -> int:
    if not environment.inside():
        require_space()
        packages.ensure_needed(environment.system_packages())
        environment.ensure()
        environment.enter(arguments)
    command, *rest = arguments
    if command == "setup":
        return 0
    # These modules need the environment's packages.
    from scripts.dev import database, run

    if command == "run":
        return run.run()
    with database.only_one("test"):
        return _run_on_test_database(command, rest)


def _run_on_test_database(command: str, rest: list[str]) -> int:
    from scripts.dev import checks, maintenance, tests

    match command:
        case "check":
            return checks.check()
        case "test":
            return tests.test(rest or os.environ.get("ARGS", "").split())
        case "soak":
            return tests.soak()
        case "lock":
            return maintenance.lock()
        case "messages":
            return maintenance.messages()
        case "openapi":
            return maintenance.openapi()
        case _:
            return maintenance.roles()
