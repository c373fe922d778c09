"""GET /api/v1/: what there is to ask, for whoever knows no more than the address."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from ingest.web.api.examples import names_of
from ingest.web.api.parameters import Deps
from ingest.web.rules import SEE, allow

REFERENCE = "/reference"
"""The page for people."""

router = APIRouter(tags=["index"])


class Question(BaseModel):
    """One question that can be asked."""

    path: str = Field(examples=["/api/v1/devices/{project}/{device}/latest"])
    summary: str = Field(description="What the answer is")
    examples: list[str] = Field(description="Questions to paste behind the address of this service")


class IndexAnswer(BaseModel):
    """What there is to ask."""

    reference: str = Field(description="A page for people", examples=[REFERENCE])
    openapi: str = Field(description="The description for programs", examples=["/openapi.json"])
    questions: list[Question]


@router.get("/", response_model=IndexAnswer)
@allow(SEE)
def read_index(request: Request, deps: Deps) -> Response | IndexAnswer:
    """All questions of this API with examples. A browser is led to the page for people.

    What can be entered stands in the description alone.
    """
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(REFERENCE, status_code=303, headers={"Vary": "Accept"})
    names = names_of(request, deps)
    questions = [
        Question(path=path, summary=_first(asked["get"]["description"]), examples=names.of(asked["get"]["operationId"]))
        for path, asked in request.app.openapi()["paths"].items()
        if "get" in asked
    ]
    return IndexAnswer(reference=REFERENCE, openapi="/openapi.json", questions=questions)


def _first(text: str) -> str:
    return text.partition("\n")[0]
