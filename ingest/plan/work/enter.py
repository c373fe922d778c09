"""Brings whole tables into a project: all of them or nothing, every mistake with its file, line and column."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.access.authority import PROJECT, By, NotThere
from ingest.plan.work.database import project_of_code
from ingest.plan.work.fields import What
from ingest.plan.work.log import EntriesRefused, add, faults_of_halves
from ingest.plan.work.model import Added
from ingest.plan.work.table import Table
from ingest.registry.problem import Problem, shown_of
from ingest.store.database import Database, Rollback


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a file. `added`: entries that are new; `already`: that had been stored before."""

    file: str
    what: What
    added: int
    already: int


def enter_tables(
    connection: Database, by: By, project_code: str, tables: Sequence[Table], *, dry_run: bool
) -> tuple[list[Entered], list[Problem]]:
    """Add the entries of these tables. With any problem nothing is stored.

    Every mistake of every line is told, file by file: of each as many as are shown at once.

    Raises NotThere if there is no such project.
    """
    problems: list[Problem] = []
    entered: list[Entered] = []
    with connection.transaction():
        project_id = project_of_code(connection, project_code)
        if project_id is None:
            raise NotThere(PROJECT)
        for table in tables:
            added, refused = _add_entries(connection, by, project_id, table)
            problems += shown_of([*table.problems, *_problems_beside(connection, project_id, table), *refused])
            if added and table.what is not None:
                already = sum(each.already for each in added)
                entered.append(Entered(table.places[0].file, table.what, len(added) - already, already))
        if problems or dry_run:
            raise Rollback
    return entered, problems


def _add_entries(connection: Database, by: By, project_id: int, table: Table) -> tuple[list[Added], list[Problem]]:
    """What became of the lines that could be read; none of them is stored if one is wrong."""
    if not table.news:
        return [], []
    try:
        with connection.transaction():
            return add(connection, by, project_id, table.news, source=table.places[0].file), []
    except EntriesRefused as refused:
        faults = [(table.places[each.place], fault) for each in refused.refused for fault in each.faults]
        return [], [table.problem(place, fault) for place, fault in faults]


def _problems_beside(connection: Database, project_id: int, table: Table) -> list[Problem]:
    """What else is wrong with lines of which something could not be read."""
    if not table.halves:
        return []
    found = faults_of_halves(connection, project_id, [half for _, half in table.halves])
    return [
        table.problem(place, fault) for (place, _), faults in zip(table.halves, found, strict=True) for fault in faults
    ]
