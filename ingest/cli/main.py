"""The command `noroshi`: one file per command, one place that turns errors into exit codes."""

import sys
from collections.abc import Sequence

import click

from ingest import __version__
from ingest.cli.annul import annul
from ingest.cli.bench import bench
from ingest.cli.broker import broker
from ingest.cli.check import check
from ingest.cli.correct import correct
from ingest.cli.corrections import corrections
from ingest.cli.db import db
from ingest.cli.decode import decode
from ingest.cli.demo import demo
from ingest.cli.ingest import ingest
from ingest.cli.later import CommandsLater
from ingest.cli.quantities import quantities
from ingest.cli.quarantine import quarantine
from ingest.cli.registry import registry
from ingest.cli.report import report
from ingest.cli.retention import retention
from ingest.cli.settings import settings
from ingest.cli.simulate import simulate
from ingest.errors import CallRefused, NoroshiError, SettingsRefused

DONE, FAILED, REFUSED = 0, 1, 2


LATER = {"export": "ingest.cli.export:export", "import": "ingest.cli.import_:import_"}
"""Commands whose libraries are large: whoever starts the service does not wait for them."""


@click.group(cls=CommandsLater, later=LATER, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="noroshi")
def cli() -> None:
    """Noroshi 狼煙: field readings from MQTT into TimescaleDB, and the figures people need from them."""


for command in (
    demo, ingest, db, registry, broker, quantities, check, decode, quarantine, annul, correct, corrections, retention,
    report, simulate, bench, settings,
):  # fmt: skip
    cli.add_command(command)


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
