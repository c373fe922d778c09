"""How pages and API reach the plan of one project: which one is looked at, and a connection that may write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from fastapi import HTTPException, Request

from ingest.access.authority import By
from ingest.access.roles import Verb
from ingest.figures.project import ProjectRef, project_refs
from ingest.store.database import Database
from ingest.web.accounts import by_of
from ingest.web.dependencies import dependencies
from ingest.web.guard import caller_of


class Writing(NamedTuple):
    """A connection that may write, in autocommit mode; the project that is written to; and who writes."""

    connection: Database
    project: ProjectRef
    by: By


def project_seen(projects: list[ProjectRef], code: str) -> ProjectRef | None:
    """The project of this code; without a code the first, or None where there is none.

    Raises HTTPException (404) for a code that is not among them: it is not there, or not the caller's.
    """
    if not code:
        return projects[0] if projects else None
    found = next((project for project in projects if project.code == code), None)
    if found is None:
        raise HTTPException(404, "There is no such project.")
    return found


@contextmanager
def writing(request: Request, code: str, verb: Verb) -> Iterator[Writing]:
    """A connection to change something of a project, for the length of a `with` block.

    Raises HTTPException: 404 if the caller does not see the project or there are no accounts, 403 if they may not.
    """
    deps = dependencies(request)
    with deps.database() as connection:  # who writes has to name it: the first one may be another than they think
        project = project_seen(project_refs(connection), code) if code else None
    if project is None or deps.access is None:
        raise HTTPException(404, "There is no such project.")
    if not caller_of(request).may(verb, project.project_id):
        raise HTTPException(403, "Your role does not allow this in the project.")
    with deps.access.database() as connection:
        yield Writing(connection, project, by_of(request))
