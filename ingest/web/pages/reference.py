"""API の手引き: what can be asked of /api/v1/, made from its own description, without files of other hosts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from ingest.web.api.examples import names_of
from ingest.web.api.routes.index import REFERENCE
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.pages.operations import operations
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow

router = APIRouter(include_in_schema=False)


@router.get(REFERENCE)
@allow(SEE)
def reference_page(request: Request, deps: Annotated[WebDependencies, Depends(dependencies)]) -> HTMLResponse:
    """The page. It is there without a database too: only its examples have no names then."""
    document = request.app.openapi()
    found = operations(document)
    names = names_of(request, deps)
    return page(
        request,
        "reference.html",
        writer_for(request),
        tags=[tag["name"] for tag in document["tags"]],
        operations=found,
        examples={one.id: names.of(one.id) for one in found if one.method == "GET"},
        base=f"{request.url.scheme}://{request.url.netloc}",
        known=names.known,
    )
