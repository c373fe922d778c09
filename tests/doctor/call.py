"""One examination, as an operator calls it."""

import json
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner

from ingest.cli.main import cli

NOBODY = "postgresql://nobody@127.0.0.1:1/nothing"


@dataclass(frozen=True)
class Report:
    """What came out, and the exit code."""

    code: int
    findings: list[dict[str, Any]]

    def of(self, severity: str) -> list[str]:
        """What was found, of this severity."""
        return [one["found"] for one in self.findings if one["severity"] == severity]

    @property
    def severities(self) -> set[str]:
        """Those there are."""
        return {one["severity"] for one in self.findings}

    def data(self, number: int = 0) -> dict[str, Any]:
        """The figures behind a finding."""
        figures: dict[str, Any] = self.findings[number]["data"]
        return figures


def doctor(*words: str, broker: str = "mqtt://127.0.0.1:1", database: str = NOBODY, **environment: str) -> Report:
    """`noroshi doctor --json --language en`; the first of `words` are the checks."""
    checks = [word for name in words if not name.startswith("-") for word in ("--only", name)]
    options = [word for word in words if word.startswith("-")]
    arguments = ["doctor", "--json", "--language", "en", "--broker", broker, "--database", database]
    done = CliRunner().invoke(cli, [*arguments, *checks, *options], env=environment, catch_exceptions=False)
    document = json.loads(done.output)
    return Report(done.exit_code, document["findings"])
