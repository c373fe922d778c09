"""検証: whether a file is a frozen report, for anybody who has it, without an account; and the public keys."""

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, Response

from ingest.report.submission.database import FileKnown, files_known, list_keys
from ingest.web.dependencies import WebDependencies, database_answers, dependencies
from ingest.web.noted import client_address
from ingest.web.render import page, writer_for
from ingest.web.rules import OPEN, OPEN_UPLOAD, allow
from ingest.web.upload import Uploads, digest_of_upload

FILE = "file"
Deps = Annotated[WebDependencies, Depends(dependencies)]

router = APIRouter(include_in_schema=False, dependencies=[Depends(database_answers)])


@router.get("/verify")
@allow(OPEN)
def verify_page(request: Request) -> HTMLResponse:
    """The page with the field for a file."""
    return _page(request)


@router.post("/verify", max_body_size=2 * OPEN_UPLOAD.upload)
@allow(OPEN_UPLOAD)
async def verify_file(request: Request, deps: Deps) -> Response:
    """Say of the file that was sent whether it is a frozen report. Nothing of it is kept."""
    uploads: Uploads = request.app.state.uploads
    with uploads.one(client_address(request)):
        digest = await digest_of_upload(request, FILE)
        if digest is None:
            return _page(request, status=422, absent=True)
        known = await run_in_threadpool(_known, deps, digest)
    return _page(request, known=known, digest=digest.hex())


@router.get("/verify/keys.json")
@allow(OPEN)
def public_keys(deps: Deps) -> JSONResponse:
    """Every public key that signed, or may sign, a report that is kept here."""
    with deps.database() as connection:
        found = list_keys(connection)
    keys: list[dict[str, Any]] = [
        {
            "key_id": key.key_id, "public_key": base64.b64encode(key.public_key).decode(), "algorithm": "Ed25519",
            "own": key.own, "made_at": key.made_at.isoformat(),
            "retired_at": key.retired_at and key.retired_at.isoformat(),
        }
        for key in found
    ]  # fmt: skip
    return JSONResponse({"keys": keys})


def _known(deps: WebDependencies, digest: bytes) -> list[FileKnown]:
    with deps.database() as connection:
        return files_known(connection, digest)


def _page(
    request: Request, *, status: int = 200, known: list[FileKnown] | None = None, digest: str = "", absent: bool = False
) -> HTMLResponse:
    return page(
        request,
        "verify.html",
        writer_for(request),
        status=status,
        address="/verify",
        known=known,
        digest=digest,
        absent=absent,
        most_bytes=OPEN_UPLOAD.upload,
        most_mb=OPEN_UPLOAD.upload // 2**20,
    )
