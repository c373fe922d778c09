"""Why an empty list of the watch does not mean that nothing is the matter: for programs, feeds and files."""

from enum import StrEnum
from typing import NamedTuple

from ingest.figures.project import ProjectRef
from ingest.figures.watch import WatchHealth, watch_health
from ingest.store.database import Database
from ingest.telemetry.health import Concern
from ingest.watch.document.unread import unread_documents
from ingest.watch.talk import is_of_documents_only
from ingest.web.dependencies import WebDependencies
from schemas.bilingual import Bilingual


class Reason(StrEnum):
    """The closed list of reasons, the gravest first."""

    INTAKE = "intake"
    STOPPED = "stopped"
    LATE = "late"
    FAILS = "fails"
    UNREAD = "unread"
    NONE = "none"

    @property
    def text(self) -> Bilingual:
        """What people read."""
        return _TEXTS[self]


_TEXTS = {
    Reason.INTAKE: Bilingual(
        "取込みが止まっています。いまの状態は分かりません", "Nothing is taken in: how things are now is not known"
    ),
    Reason.STOPPED: Bilingual(
        "監視が止まっています。基準に届いても、ここには出ません",
        "The watch has stopped: what reaches a stage does not appear here",
    ),
    Reason.LATE: Bilingual(
        "監視が遅れています。いまの状態はここにあるものと違うことがあります",
        "The watch is behind: the present state may differ from what is here",
    ),
    Reason.FAILS: Bilingual(
        "監視の一部が働いていません。ここにないことがあります", "Parts of the watch do not work: there may be more"
    ),
    Reason.UNREAD: Bilingual(
        "監視計画の一部を読めません。読めない規則によるものは、ここに出ません",
        "Part of the watch document cannot be read: what the rules there are about does not appear here",
    ),
    Reason.NONE: Bilingual(
        "監視するものがありません。だれも見張っていません", "Nothing is to be watched: nobody looks"
    ),
}


class Problem(NamedTuple):
    """One problem. `places`: of the watch document, where it cannot be read."""

    reason: Reason
    places: tuple[str, ...] = ()

    @property
    def text(self) -> Bilingual:
        """What people read."""
        return self.reason.text

    @property
    def said(self) -> Bilingual:
        """The same, with the places."""
        where = ", ".join(self.places)
        return Bilingual(f"{self.text.ja}: {where}", f"{self.text.en}: {where}") if where else self.text


def watch_fails(deps: WebDependencies) -> bool:
    """Whether the service says that the watch does not work in part. Documents aside: each project has its own."""
    return any(
        trouble.concern is Concern.WATCH and not is_of_documents_only(trouble.detail) for trouble in deps.health()
    )


def watch_problems(
    connection: Database, deps: WebDependencies, project: ProjectRef, health: WatchHealth | None = None
) -> list[Problem]:
    """The problems of now that concern a project, the gravest first. `health`: as it was just read."""
    state = (health or watch_health(connection)).state
    found = []
    if any(trouble.concern.blocks for trouble in deps.health()):
        found.append(Problem(Reason.INTAKE))
    if state in (Reason.STOPPED, Reason.LATE):
        found.append(Problem(Reason(state)))
    if state != Reason.STOPPED and watch_fails(deps):
        found.append(Problem(Reason.FAILS))
    found += [Problem(Reason.UNREAD, each.places) for each in unread_documents(connection, project.code)]
    if state == Reason.NONE:
        found.append(Problem(Reason.NONE))
    return found
