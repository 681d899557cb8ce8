"""The command line: the only package that prints.

One module a group of commands. What is heavy is imported inside the command that
needs it, so that `--help` and `query` answer at once.
"""

import gc
import os
import sys

# What a command imports and reads stays; looking through it took 7 % of a query.
gc.set_threshold(100_000, 50, 100)

import typer

from monitor.cli import (
    alerts,
    ask,
    backfill,
    channels,
    companies,
    demo,
    doctor,
    edgar,
    setup,
    stories,
    tell,
    text,
    themes,
    work,
)
from monitor.cli.output import fail
from monitor.errors import ConfigError, MonitorError, StoreLockedError

EXIT_ERROR, EXIT_LOCKED, EXIT_INTERRUPTED = 1, 3, 130

app = typer.Typer(
    name="monitor",
    help="Reads news and SEC filings about AI compute; scores each company in them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
for commands in (
    setup,
    companies,
    work,
    backfill,
    ask,
    tell,
    alerts,
    channels,
    stories,
    text,
    themes,
    edgar,
    doctor,
    demo,
):
    commands.register(app)


def main() -> int:
    """Run a command; expected failures are one message and an exit code."""
    try:
        app()
    except StoreLockedError as error:
        return fail(error, code=EXIT_LOCKED)
    except ConfigError as error:
        return fail(error, code=EXIT_ERROR, title=f"{error.file} needs a correction:\n")
    except MonitorError as error:
        return fail(error, code=EXIT_ERROR)
    except KeyboardInterrupt:
        print("stopped; everything done so far is stored", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # `monitor query ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
