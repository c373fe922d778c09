"""/api/v1: what became of every message, and what is set aside."""

from fastapi import APIRouter, Request

from ingest.errors import IntakeSilent
from ingest.figures.account import identity
from ingest.web.api.answers.models import IdentityAnswer, ProcessIdentity, QuarantineAnswer, in_japan
from ingest.web.api.lookup import find_fleet
from ingest.web.api.parameters import Deps, ProjectCode
from ingest.web.rules import SEE, allow
from schemas.bilingual import Bilingual

router = APIRouter(tags=["account"])

SILENT = Bilingual(
    "取込の工程が答えないため、収支が分かりません",
    "the ingestion process does not answer, so the account of its messages is not known",
)


@router.get("/identity")
@allow(SEE)
def read_identity(deps: Deps) -> IdentityAnswer:
    """Every message accounted for: of the running process, and of the database since its beginning.

    Who may not see every project gets the account of theirs, and no `process`: that counts messages of everybody.
    """
    process = None
    if deps.caller.sees_everything:
        live = deps.live()
        if live is None:
            raise IntakeSilent(SILENT)
        process = ProcessIdentity(**live._asdict(), exact=live.exact)
    with deps.database() as connection:
        return IdentityAnswer(process=process, account=identity(connection))


@router.get("/quarantine")
@allow(SEE)
def read_quarantine(request: Request, project: ProjectCode = None) -> QuarantineAnswer:
    """What is set aside (隔離) and not yet replayed, by reason, the most frequent first."""
    return QuarantineAnswer(quarantine=in_japan(find_fleet(request, project).quarantine))
