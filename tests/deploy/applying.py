"""`noroshi broker apply` within the test's own process: quick, and with no settings but those given."""

import os

import pytest
from click.testing import CliRunner, Result

from ingest.cli.main import cli


def apply(*words: str, **settings: str) -> Result:
    """What it said, and the exception it ended with."""
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("NOROSHI_")]:
            patched.delenv(name)
        for name, value in settings.items():
            patched.setenv(name, value)
        return CliRunner().invoke(cli, ["broker", "apply", *words], standalone_mode=False)


def applied(*words: str, **settings: str) -> Result:
    """The same, and it must have gone well."""
    done = apply(*words, **settings)
    if done.exception is not None:
        raise done.exception
    return done
