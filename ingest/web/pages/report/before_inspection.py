"""検査の前に: what an inspection would find missing, line by line of the ledger; as a page and as a file."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.figures.equipment import EquipmentLine, equipment
from ingest.figures.project import ProjectRef, project_of_id, project_refs
from ingest.report.inspection import Finding, Inspected, count_findings, inspect
from ingest.store.database import Database
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.plan_door import project_seen
from ingest.web.render import links, page, writer_for
from ingest.web.rules import SEE, allow
from schemas.foreign import kept_cell
from schemas.japan import now_jst

ADDRESS = "/reports/before-inspection"
DOWNLOAD = "/reports/before-inspection.csv"
SHOWN = 200
"""Lines on the page; the file has all of them."""

router = APIRouter(include_in_schema=False)


@dataclass
class Asked:
    """Which project, and which of its lines: those with a finding, of a kind (品名 or 分野)."""

    project: Annotated[str, Query(max_length=63)] = ""
    finding: Annotated[str, Query(max_length=40)] = ""
    kind: Annotated[str, Query(max_length=200)] = ""


@dataclass
class _Seen:
    projects: list[ProjectRef]
    project: ProjectRef | None
    inspected: list[Inspected] = field(default_factory=list)


@router.get(ADDRESS)
@allow(SEE)
def before_inspection(
    request: Request, deps: Annotated[WebDependencies, Depends(dependencies)], asked: Annotated[Asked, Depends()]
) -> HTMLResponse:
    """The page. Counts are of the chosen kind, so that each says how many lines its filter shows."""
    writer = writer_for(request)
    with deps.database() as connection:
        seen = _see(connection, asked.project)
    of_kind = [each for each in seen.inspected if asked.kind in ("", each.line.kind)]
    lines = _chosen(of_kind, asked.finding)
    query = {"project": seen.project.code if seen.project else "", "finding": asked.finding, "kind": asked.kind}
    return page(
        request,
        "before_inspection.html",
        writer,
        projects=seen.projects,
        project=seen.project,
        asked=asked,
        whole=len(seen.inspected),
        missing=sum(bool(each.findings) for each in of_kind),
        of_kind=len(of_kind),
        counts=count_findings(of_kind),
        kinds=sorted(Counter(each.line.kind for each in seen.inspected).items()),
        lines=lines[:SHOWN],
        found=len(lines),
        download=links(DOWNLOAD, query)(),
        unlisted=any(Finding.NO_ASSET in each.findings for each in of_kind),
    )


@router.get(DOWNLOAD)
@allow(SEE)
def before_inspection_csv(
    deps: Annotated[WebDependencies, Depends(dependencies)], asked: Annotated[Asked, Depends()]
) -> Response:
    """The same lines as Excel opens them: a column for each finding, with ○ where it is missing."""
    with deps.database() as connection:
        seen = _see(connection, asked.project)
    if seen.project is None:
        raise HTTPException(404, "There is no project.")
    chosen = _chosen([each for each in seen.inspected if asked.kind in ("", each.line.kind)], asked.finding)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(csv_lines(chosen))
    headers = {"Content-Disposition": f'attachment; filename="{seen.project.code}-before-inspection.csv"'}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def csv_lines(inspected: Sequence[Inspected]) -> Iterator[tuple[str, ...]]:
    """The lines of the file, the headings first."""
    yield ("資産番号", "機器コード", "基地局コード", "品名", "種別", "件数", *(each.label.ja for each in Finding))
    for each in inspected:
        line = each.line
        names = (line.asset or "", line.device or "", line.gateway or "", line.name, line.kind)
        marks = ("○" if finding in each.findings else "" for finding in Finding)
        yield (*map(kept_cell, names), str(len(each.findings)), *marks)


def _see(connection: Database, code: str) -> _Seen:
    projects = project_refs(connection)
    project = project_seen(projects, code)
    entry = None if project is None else project_of_id(connection, project.project_id)
    if project is None or entry is None:
        return _Seen(projects, None)
    now = now_jst()
    lines: list[EquipmentLine] = equipment(connection, project.code, now.date(), now)
    return _Seen(projects, project, inspect(lines, now.date(), entry.granted_on))


def _chosen(inspected: Sequence[Inspected], finding: str) -> list[Inspected]:
    """Those with this finding, or with any; most findings first."""
    if finding in tuple(Finding):
        found = [each for each in inspected if finding in each.findings]
    else:
        found = [each for each in inspected if each.findings]
    return sorted(found, key=lambda each: -len(each.findings))
