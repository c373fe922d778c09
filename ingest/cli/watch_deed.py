"""What commands of deeds of the watch have in common: who calls, of which project, and how times are said."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ingest.cli.account_texts import by_command
from ingest.cli.command import option
from ingest.cli.database import open_database
from ingest.cli.moments import Moment
from ingest.cli.options import settings_for
from ingest.cli.plan_check import find_project
from ingest.errors import CallRefused
from ingest.store.database import WatchedConnection
from ingest.watch.deeds.model import Doer, Way
from schemas.bilingual import Bilingual
from schemas.japan import JST

ALREADY = Bilingual("もう済んでいます。何も変えていません。", "This had been done before; nothing changed.")

until_option = option(
    "--until", type=Moment(end=True), metavar="TIME",
    help=Bilingual("この時刻まで。", "Until this time"),
)  # fmt: skip
minutes_option = option(
    "--minutes", type=float, metavar="N", help=Bilingual("開始からこの分数。", "For so many minutes")
)


class Seen(NamedTuple):
    """The project of a call, and who calls."""

    connection: WatchedConnection
    project_id: int
    doer: Doer


@contextmanager
def deed_in(project: str | None, database: str | None) -> Iterator[Seen]:
    """The database for one deed in the project of this code, or in the only one. Raises CallRefused."""
    with open_database(settings_for(database=database)) as connection:
        yield Seen(connection, find_project(connection, project).project_id, Doer(by_command(), Way.CLI))


def end_of(starts: datetime, until: datetime | None, minutes: float | None) -> datetime:
    """When something ends: at a time, or so many minutes after it begins. Raises CallRefused unless one is given."""
    if (until is None) == (minutes is None):
        raise CallRefused(
            Bilingual("--until か --minutes のどちらか一つを書いてください", "give one of --until and --minutes")
        )
    if until is not None:
        return until
    assert minutes is not None  # one of them is there
    try:
        return starts + timedelta(minutes=minutes)
    except (OverflowError, ValueError):
        raise CallRefused(Bilingual("--minutes が大きすぎます", "--minutes is too large")) from None


def clock() -> datetime:
    """The present time."""
    return datetime.now(UTC)


def said(at: datetime) -> str:
    """A time to the minute, in Japan."""
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M}"
