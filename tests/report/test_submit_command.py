"""From a draft to a submission by commands: kept, checked, frozen by the service, corrected, and called off."""

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import CliRunner

from ingest.access.authority import ChangeRefused, NotThere
from ingest.cli.report import report
from ingest.errors import CallRefused
from ingest.report.form.forms import ReportForm
from ingest.report.submission import review
from ingest.service.report_jobs import report_jobs
from ingest.settings.model import DatabaseSettings
from ingest.settings.report import ReportSettings
from tests.figures.field import Field
from tests.fixtures.database import FIRST, Database, Servers, fresh_database


@pytest.fixture(scope="module")
def office(servers: Servers) -> Iterator[Database]:
    """A project of its own: what is frozen stays for ever."""
    fresh = fresh_database(servers.get(FIRST))
    with fresh.connect(autocommit=False) as connection:
        Field(connection)
    yield fresh
    fresh.drop()


def call(office: Database, *words: str | Path) -> str:
    done = CliRunner().invoke(
        report, [*map(str, words), "--database", office.url], catch_exceptions=False, standalone_mode=False
    )
    if done.exception is not None:
        raise done.exception
    return done.stdout + done.stderr


@pytest.fixture
def service(office: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The job that makes what is ordered, looking all the time."""
    monkeypatch.setattr(review, "FORMS", (ReportForm.JSON, ReportForm.CSV))
    (job,) = (each for each in report_jobs(DatabaseSettings(url=office.url), ReportSettings(key_file=tmp_path / "k"))
              if each.name == "reports")  # fmt: skip
    stop = Event()

    def work() -> None:
        with office.connect() as connection:
            while not stop.wait(0.2):
                job.run(connection, stop)

    worker = Thread(target=work, name="service under test")
    worker.start()
    yield
    stop.set()
    worker.join(60)


def number_of(said: str) -> str:
    """The first number of a report or an order; lines of the log of the service may stand before it."""
    found = re.search(r"^(\d+) \[", said, re.MULTILINE)
    assert found is not None, said
    return found[1]


@pytest.mark.usefixtures("service")
def test_a_draft_is_kept_checked_frozen_and_corrected(office: Database, tmp_path: Path) -> None:
    made = call(office, "yearly", "--project", "tea", "--fy", "2024", "-o", tmp_path / "y.json", "--keep")
    assert "noroshi report check" in made
    draft = number_of(call(office, "list"))
    assert "[draft]" in call(office, "list")
    with pytest.raises(ChangeRefused, match="check it first"):
        call(office, "freeze", draft)
    assert "[checked]" in call(office, "check", draft)
    assert "[draft]" in call(office, "reopen", draft)
    call(office, "check", draft)
    assert "[frozen] tea-2024-yearly revision 1" in call(office, "freeze", draft)
    with pytest.raises(ChangeRefused, match="no draft"):
        call(office, "check", draft)
    again = number_of(call(office, "revise", draft))
    assert again != draft
    assert "[draft]" in call(office, "list")
    call(office, "check", again)
    with pytest.raises(ChangeRefused, match="already"):
        call(office, "freeze", again)
    with pytest.raises(CallRefused, match="says the same"):
        call(office, "freeze", again, "--reason", "late data")
    with pytest.raises(ChangeRefused, match="no frozen report"):
        call(office, "revise", again)


def test_an_order_is_called_off(office: Database, tmp_path: Path) -> None:
    call(office, "yearly", "--project", "tea", "--fy", "2023", "-o", tmp_path / "y.json", "--keep")
    draft = number_of(call(office, "list"))
    call(office, "check", draft)
    said = call(office, "freeze", draft, "--wait", "0")
    assert "not made yet" in said
    assert "called off" in call(office, "cancel", number_of(said))
    assert "[called off] freezing" in call(office, "orders")
    with pytest.raises(ChangeRefused, match="ended"):
        call(office, "cancel", number_of(said))
    for words in (("check", "999"), ("freeze", "999"), ("cancel", "999")):
        with pytest.raises(NotThere):
            call(office, *words)


def test_what_is_kept_says_nothing_on_standard_output(office: Database) -> None:
    words = ["yearly", "--project", "tea", "--fy", "2022", "--format", "json", "-o", "-", "--keep"]
    done = CliRunner().invoke(report, [*words, "--database", office.url], catch_exceptions=False)
    assert done.stdout.startswith("{")
    assert "kept as draft" not in done.stdout
    assert "kept as draft" in done.stderr
