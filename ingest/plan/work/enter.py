"""Brings whole tables into a project: all of them or nothing, every mistake with its file, line and column."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.access.authority import PROJECT, By, NotThere
from ingest.plan.work.database import project_of_code
from ingest.plan.work.fields import What
from ingest.plan.work.log import EntriesRefused, add
from ingest.plan.work.table import Table
from ingest.registry.problem import Problem
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
    """Add the entries of these tables. With any problem nothing is stored, and all problems are told.

    Raises NotThere if there is no such project.
    """
    problems = [problem for table in tables for problem in table.problems]
    entered: list[Entered] = []
    with connection.transaction():
        project_id = project_of_code(connection, project_code)
        if project_id is None:
            raise NotThere(PROJECT)
        for table in tables:
            if not table.news or table.what is None:
                continue
            file = table.places[0].file
            try:
                with connection.transaction():
                    added = add(connection, by, project_id, table.news, source=file)
            except EntriesRefused as refused:
                problems += [
                    table.problem(table.places[each.place], fault) for each in refused.refused for fault in each.faults
                ]
                continue
            already = sum(each.already for each in added)
            entered.append(Entered(file, table.what, len(added) - already, already))
        if problems or dry_run:
            raise Rollback
    return entered, problems
