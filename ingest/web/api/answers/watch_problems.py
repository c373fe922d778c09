"""The problems of the watch as the API answers them."""

from ingest.figures.project import ProjectRef
from ingest.figures.watch import WatchHealth
from ingest.store.database import Database
from ingest.web.api.answers.watch import WatchProblemAnswer
from ingest.web.dependencies import WebDependencies
from ingest.web.watch_problems import watch_problems


def problems_now(
    connection: Database, deps: WebDependencies, project: ProjectRef, health: WatchHealth | None = None
) -> list[WatchProblemAnswer]:
    """Why an empty list of a project does not mean that nothing is the matter. `health`: as it was just read."""
    return [
        WatchProblemAnswer(reason=each.reason.value, text_ja=each.text.ja, text_en=each.text.en, places=each.places)
        for each in watch_problems(connection, deps, project, health)
    ]
