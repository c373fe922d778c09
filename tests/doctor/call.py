"""One examination, as an operator calls it."""

import json
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner

from ingest.cli.main import cli
from ingest.store.schema.migrate import grants
from tests.fixtures.database import Database

WRITER = (grants("writer").replace("noroshi_writer", "{}"),)
"""What an upgrade gives the role of the service."""

EVERYBODY = "everybody who may log in (PUBLIC) may use lo_*, pg_advisory_*, pg_logical_emit_message, CONNECT, TEMPORARY"

NOBODY = "postgresql://nobody@127.0.0.1:1/nothing"


@dataclass(frozen=True)
class Report:
    """What came out, and the exit code."""

    code: int
    findings: list[dict[str, Any]]

    def of(self, severity: str) -> list[str]:
        """What was found, of this severity."""
        return [one["found_en"] for one in self.findings if one["severity"] == severity]

    @property
    def severities(self) -> set[str]:
        """Those there are."""
        return {one["severity"] for one in self.findings}

    def data(self, number: int = 0) -> dict[str, Any]:
        """The figures behind a finding."""
        figures: dict[str, Any] = self.findings[number]["data"]
        return figures


def doctor(*words: str, broker: str = "mqtt://127.0.0.1:1", database: str = NOBODY, **environment: str) -> Report:
    """`noroshi doctor --json`; the first of `words` are the checks."""
    checks = [word for name in words if not name.startswith("-") for word in ("--only", name)]
    options = [word for word in words if word.startswith("-")]
    arguments = ["doctor", "--json", "--broker", broker, "--database", database]
    done = CliRunner().invoke(cli, [*arguments, *checks, *options], env=environment, catch_exceptions=False)
    document = json.loads(done.output)
    return Report(done.exit_code, document["findings"])


def as_role(database: Database, role: str) -> str:
    return database.url.replace("postgres@", f"{role}@")


def examine(database: Database, *checks: str, role: str | None = None) -> Report:
    return doctor(*checks, database=as_role(database, role) if role else database.url)
