"""While the watch is dead, behind, or cannot read its document, no page, program or feed is told that all is well."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import fromstring

import httpx
import openpyxl
import psycopg
import pytest

from ingest.telemetry.health import Concern, Trouble
from ingest.watch.problems import Reason
from ingest.web.text import CATALOGUES, Language
from tests.figures.field import Field
from tests.figures.watch_rows import WatchRows
from tests.fixtures.database import Database
from tests.web.site import visiting, wired

JA = CATALOGUES[Language.JA]
ATOM = "{http://www.w3.org/2005/Atom}"
LISTS = ("incidents", "events", "deliveries", "chronology")
WELL = {
    "/": JA["verdict_live"].format(n=""),
    "/watch": JA["verdict_watch_well"],
    "/watch/wall": JA["verdict_watch_well"],
}
"""What a page says while nothing is the matter."""


class City(Field):
    """A gauge with one stage that it is far from, and a watcher that looks. `troubles`: of the service."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.connect())
        self.database = database
        self.troubles: list[Trouble] = []
        river = self.device("river", interval_s=600)
        self.stage(river, 1, "氾濫注意水位", 9.0, name_en="Caution")
        self.uplink(river, datetime.now(UTC) - timedelta(minutes=1), {"river_level": 1.0})
        self.rows = WatchRows(self.connection)
        self.rows.alive()

    @contextmanager
    def visited(self) -> Iterator[httpx.Client]:
        with wired(self.database.url) as deps, visiting(replace(deps, health=lambda: self.troubles)) as client:
            yield client

    def trouble(self, concern: Concern, detail: str) -> None:
        self.troubles.append(Trouble(concern, detail, datetime.now(UTC).timestamp()))


def unread(city: City) -> None:
    city.rows.document({"project": "tea", "rules": [{"code": "r", "moon": "full"}]})


def nothing(city: City) -> None:
    city.connection.execute("delete from device_stage")


CASES: dict[Reason, Callable[[City], Any]] = {
    Reason.INTAKE: lambda city: city.trouble(Concern.BROKER, "mqtt://broker: refused"),
    Reason.STOPPED: lambda city: city.rows.alive(ago_s=60),
    Reason.LATE: lambda city: city.rows.waits(ago_s=20),
    Reason.FAILS: lambda city: city.trouble(Concern.WATCH, "documents: x; rules: 1 cannot be evaluated"),
    Reason.UNREAD: unread,
    Reason.NONE: nothing,
}


@pytest.fixture
def city(any_database: Database) -> City:
    return City(any_database)


def reasons(client: httpx.Client) -> dict[str, list[str]]:
    answers = {name: client.get(f"/api/v1/watch/{name}?project=tea").json() for name in LISTS}
    return {name: [each["reason"] for each in answer["problems"]] for name, answer in answers.items()}


def test_while_nothing_is_wrong_there_is_no_problem_and_pages_say_so(city: City) -> None:
    city.trouble(Concern.WATCH, "documents: parts of those of 1 projects cannot be read")  # of another project
    with city.visited() as client:
        assert reasons(client) == {name: [] for name in LISTS}
        for path, said in WELL.items():
            assert f"<h1>{said}</h1>" in client.get(path).text, path
        assert fromstring(client.get("/watch/feed.atom?project=tea").text).findall(f"{ATOM}entry") == []


@pytest.mark.parametrize("reason", Reason)
def test_an_empty_list_is_never_calm_by_mistake(city: City, reason: Reason) -> None:
    CASES[reason](city)
    with city.visited() as client:
        assert reasons(client) == {name: [reason] for name in LISTS}
        (problem,) = client.get("/api/v1/watch/incidents?project=tea").json()["problems"]
        assert (problem["text_ja"], problem["text_en"]) == tuple(reason.text)
        assert problem["places"] == (["rules[0]"] if reason is Reason.UNREAD else [])
        number = city.rows.stage("river")
        assert [each["reason"] for each in client.get(f"/api/v1/watch/incidents/{number}").json()["problems"]]


@pytest.mark.parametrize("reason", [each for each in Reason if each is not Reason.NONE])
def test_no_page_says_that_all_is_well(city: City, reason: Reason) -> None:
    CASES[reason](city)
    with city.visited() as client:
        for path, said in WELL.items():
            assert said not in client.get(path).text, path
        assert JA["watch_nothing"] not in client.get("/watch").text.split('id="of-stage"')[1].split("</section>")[0]


@pytest.mark.parametrize("reason", Reason)
def test_the_feed_says_it_as_an_entry(city: City, reason: Reason) -> None:
    CASES[reason](city)
    with city.visited() as client:
        feed = fromstring(client.get("/watch/feed.atom?project=tea").text)
        (entry,) = feed.findall(f"{ATOM}entry")
        assert entry.findtext(f"{ATOM}title") == reason.text.ja
        assert entry.findtext(f"{ATOM}id") == f"urn:noroshi:tea:watch:{reason}"


def test_without_a_database_nobody_is_told_anything(city: City) -> None:
    @contextmanager
    def gone() -> Iterator[Any]:
        raise psycopg.OperationalError("the connection was refused")
        yield

    with wired(city.database.url) as deps, visiting(replace(deps, connect=gone)) as client:
        for path in (*WELL, "/watch/feed.atom?project=tea", *(f"/api/v1/watch/{name}?project=tea" for name in LISTS)):
            assert client.get(path).status_code == 503, path


@pytest.mark.parametrize("reason", [Reason.UNREAD, Reason.FAILS, Reason.STOPPED])
def test_the_chronology_and_its_files_say_what_is_missing(city: City, reason: Reason) -> None:
    now = datetime.now(UTC)
    city.connection.execute("insert into watch_run values (%s, %s)", (now - timedelta(hours=9), now))
    said = reason.text.ja
    if reason is Reason.STOPPED:
        city.connection.execute("update watch_run set alive_until = %s", (now - timedelta(hours=2),))
        said = "監視が動いていませんでした"
    with city.visited() as client:
        if reason is not Reason.STOPPED:
            assert said not in client.get("/watch/chronology?project=tea").text
            CASES[reason](city)
        assert said in client.get("/watch/chronology?project=tea").text
        assert said in client.get("/watch/chronology/csv?project=tea").text
        assert said in client.get("/watch/chronology/json?project=tea").text
        book = openpyxl.load_workbook(io.BytesIO(client.get("/watch/chronology/xlsx?project=tea").content))
        assert any(said in str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
        past = "/watch/chronology/csv?project=tea&from=2026-01-01T00:00&to=2026-01-02T00:00"
        assert said not in client.get(past).text
