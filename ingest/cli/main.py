"""The command `noroshi`: one file per command, one place that turns errors into exit codes."""

import sys
from collections.abc import Sequence

import click

from ingest import __version__
from ingest.cli.later import CommandsLater
from ingest.errors import CallRefused, NoroshiError, SettingsRefused

DONE, FAILED, REFUSED = 0, 1, 2

COMMANDS = (
    "demo", "ingest", "db", "registry", "broker", "quantities", "check", "decode", "quarantine", "annul", "correct",
    "corrections", "retention", "report", "simulate", "bench", "settings", "export", "import",
)  # fmt: skip
"""Each is imported when it is called: nobody waits for the libraries of the others."""


@click.group(cls=CommandsLater, names=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="noroshi")
def cli() -> None:
    """Noroshi 狼煙: field readings from MQTT into TimescaleDB, and the figures people need from them."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. Exit codes: 0 done, 1 the work failed, 2 the call or the settings are wrong."""
    try:
        cli.main(args=arguments, prog_name="noroshi", standalone_mode=False)
    except (SettingsRefused, CallRefused) as error:
        _leave(REFUSED, str(error))
    except NoroshiError as error:
        _leave(FAILED, str(error))
    except click.UsageError as error:
        error.show()
        sys.exit(REFUSED)
    except click.ClickException as error:
        error.show()
        sys.exit(FAILED)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)


def _leave(code: int, message: str) -> None:
    for line in message.splitlines():
        click.echo(f"noroshi: {line}", err=True)
    sys.exit(code)
