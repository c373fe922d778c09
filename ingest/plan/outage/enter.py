"""Writes the causes of a table: all of them or none, every mistake with its line and column."""

from ingest.access.authority import PROJECT, By, NotThere
from ingest.figures.fetch import Database
from ingest.plan.outage.database import people
from ingest.plan.outage.explain import explain
from ingest.plan.outage.table import HEADINGS, read_causes
from ingest.registry.problem import Problem, shown_of
from ingest.store.database import Rollback
from schemas.bilingual import Bilingual


def enter_causes(
    connection: Database, by: By, project_code: str, file: str, content: bytes, *, dry_run: bool
) -> tuple[int, list[Problem]]:
    """How many outages changed, and what is wrong, every mistake of every line. With any problem nothing is written.

    Raises NotThere if there is no such project.
    """
    lines, problems = read_causes(file, content)
    changed = 0
    with connection.transaction():
        project_id = people.project_of_code(connection, project_code)
        if project_id is None:
            raise NotThere(PROJECT)
        for line in lines:
            if line.number is None:
                continue
            if not people.are_there(connection, project_id, [line.number]):
                unknown = Bilingual(
                    f"{line.number} 番の停止はこの事業にありません", f"this project has no outage number {line.number}"
                )
                problems.append(Problem(unknown, line.place, HEADINGS["number"]))
            elif not problems and line.cause is not None:
                changed += explain(connection, by, project_id, [line.number], line.cause, line.note)
        if problems or dry_run:
            raise Rollback
    return changed, shown_of(problems)
