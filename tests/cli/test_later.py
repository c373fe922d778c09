import subprocess
import sys

import click
import pytest

from ingest.cli.main import COMMANDS, cli


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_found_under_its_name_and_says_what_it_does(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str()


def test_what_is_no_command_is_none() -> None:
    assert cli.get_command(click.Context(cli), "main") is None


def test_nobody_waits_for_the_libraries_of_a_command_that_was_not_called() -> None:
    look = "import sys, ingest.cli.main; sys.exit(any(name in sys.modules for name in ('pydantic', 'psycopg')))"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
