"""The command `noroshi`: one file per command, one place that turns errors into exit codes."""

import os
import sys
from collections.abc import Sequence

import click

from ingest import __version__
from ingest.cli.click_texts import translate_click
from ingest.cli.command import option
from ingest.cli.lazy import CommandsLater
from ingest.cli.say import say_lines
from ingest.errors import CallRefused, NoroshiError, SettingsRefused
from schemas.bilingual import Bilingual, language_of_call, speak
from schemas.foreign import guard_output

FAILED, REFUSED = 1, 2

COMMANDS = (
    "demo", "ingest", "db", "registry", "broker", "quantities", "check", "decode", "quarantine", "annul", "correct",
    "corrections", "retention", "audit", "report", "simulate", "bench", "settings", "export", "import",
    "doctor", "access", "plan", "watch",
)  # fmt: skip
"""Each command is imported when it is called, so that none waits for the libraries of the others."""


VERSION_HELP = Bilingual("版を示して終わります。", "Show the version and exit.")


def _version(context: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001  as click calls it
    if asked:
        say_lines([f"noroshi {__version__}"])
        context.exit()


@click.group(
    cls=CommandsLater,
    names=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=Bilingual(
        "狼煙: 現場の測定値を MQTT から TimescaleDB へ取り込み、必要な数字にします。",
        "Noroshi: field readings from MQTT into TimescaleDB, and the figures people need from them.",
    ),
)
@option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help=VERSION_HELP)
def cli() -> None:
    """The command `noroshi`; all others are below it."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. Exit codes: 0 done, 1 the work failed, 2 the call or the settings are wrong."""
    guard_output()
    translate_click()
    speak(language_of_call(sys.argv[1:] if arguments is None else arguments, os.environ))
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
    say_lines((f"noroshi: {line}" for line in message.split("\n")), err=True)
    sys.exit(code)
