"""Registry files brought into a database, or refused, for the tests of the registry."""

from pathlib import Path

from ingest.registry.read import read
from ingest.store.registry import registry
from tests.fixtures.database import Database
from tests.registry.files import messages, written


def apply(database: Database, *paths: Path) -> None:
    """Write them; nothing may be wrong with them."""
    reading = read(paths)
    connection = database.connect()
    plan = registry.plan(connection, reading.document, broken=frozenset(reading.broken))
    assert [*messages(reading), *map(str, plan.problems)] == []
    registry.apply(connection, plan)


def problems(database: Database, *paths: Path) -> list[str]:
    """What is wrong with them, beside what the database has, as a clerk reads it."""
    reading = read(paths)
    plan = registry.plan(database.connect(), reading.document, broken=frozenset(reading.broken))
    return [*messages(reading), *(str(reading.located(problem)) for problem in plan.problems)]


def the_problem(database: Database, folder: Path, text: str) -> str:
    """The only problem of a file of this text; it names the file."""
    (found,) = problems(database, written(folder, "wrong.yaml", text))
    assert "wrong.yaml" in found
    return found
