"""The problems of the watch as the service knows them: for programs, feeds and files."""

from ingest.figures.project import ProjectRef
from ingest.figures.watch import WatchHealth, watch_health
from ingest.store.database import Database
from ingest.telemetry.health import Concern
from ingest.watch.document.unread import unread_documents
from ingest.watch.problems import Problem, problems_of
from ingest.watch.talk import is_of_documents_only
from ingest.web.dependencies import WebDependencies


def watch_fails(deps: WebDependencies) -> bool:
    """Whether the service says that the watch does not work in part. Documents aside: each project has its own."""
    return any(
        trouble.concern is Concern.WATCH and not is_of_documents_only(trouble.detail) for trouble in deps.health()
    )


def watch_problems(
    connection: Database, deps: WebDependencies, project: ProjectRef, health: WatchHealth | None = None
) -> list[Problem]:
    """The problems of now that concern a project, the gravest first. `health`: as it was just read."""
    return problems_of(
        (health or watch_health(connection)).state,
        intake=any(trouble.concern.blocks for trouble in deps.health()),
        fails=watch_fails(deps),
        places=[place for each in unread_documents(connection, project.code) for place in each.places],
    )
