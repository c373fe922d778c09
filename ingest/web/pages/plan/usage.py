"""利用状況: who uses the project month by month of a fiscal year, by department and role; as a page and as a file."""

import csv
import io
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.roles import Role
from ingest.figures.use import LEAST_PEOPLE
from ingest.plan.check.use.months import DepartmentOfUse, MonthOfUse
from ingest.plan.check.use.year import NOT_WATCHED, OTHERS, MonthShown, UsageOfYear, usage_of_year
from ingest.store.database import Database
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.pages.plan.looked import Looked, Query_, look
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from ingest.web.text.writer import Writer
from schemas.foreign import kept_cell
from schemas.japan import to_jst

router = APIRouter(include_in_schema=False)


@router.get("/plan/usage")
@allow(SEE)
def plan_usage(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Query_,
) -> HTMLResponse:
    """The page."""
    writer = writer_for(request)
    with deps.database() as connection:
        looked = look(request, connection, asked)
        usage = usage_seen(connection, deps, looked)
    rows = [*usage.departments, ""] if usage else []
    rows += [OTHERS] if usage and any(usage.department(OTHERS)) else []
    return page(
        request,
        "plan_usage.html",
        writer,
        usage=usage,
        departments=[
            (department_name(each, writer), usage.department(each))
            for each in rows
            if usage and any(usage.department(each))
        ],
        roles=[(role_name(role, writer), usage.role(role)) for role in usage.roles] if usage else [],
        not_watched=NOT_WATCHED,
        least=LEAST_PEOPLE,
        **looked.context,
    )


def usage_seen(connection: Database, deps: WebDependencies, looked: Looked) -> UsageOfYear | None:
    """The use of the project and year that are looked at; None without a project."""
    if looked.project is None:
        return None
    open_log = deps.access.database if deps.access is not None else None
    return usage_of_year(connection, looked.project.project_id, looked.project.code, looked.year, looked.now, open_log)


def department_name(name: str, writer: Writer) -> str:
    """A department as the page calls it."""
    return {"": writer.texts["plan_usage_nowhere"], OTHERS: writer.texts["plan_usage_others"]}.get(name, name)


def role_name(role: str, writer: Writer) -> str:
    """A role as the page calls it; people may have none any more."""
    return writer.said(Role(role).label) if role in tuple(Role) else writer.texts["plan_usage_no_role"]


@router.get("/plan/usage.csv")
@allow(SEE)
def plan_usage_csv(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Query_,
) -> Response:
    """The same year as Excel opens it: one line for each month, and one for each department and role in it."""
    with deps.database() as connection:
        looked = look(request, connection, asked)
        usage = usage_seen(connection, deps, looked)
    if usage is None or looked.project is None:
        raise HTTPException(404, "There is no project.")
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(csv_lines(usage))
    headers = {"Content-Disposition": f'attachment; filename="{looked.project.code}-usage-{looked.year.year}.csv"'}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


HEADINGS = (
    "年月", "区分", "名称", "利用者数", "サインイン", "閲覧", "ダウンロード", "報告書", "APIプログラム", "通知", "状態",
    "版", "確定日時", "数えられない理由",
)  # fmt: skip


def csv_lines(usage: UsageOfYear) -> Iterator[tuple[str, ...]]:
    """The lines of the file. What cannot be counted is an empty cell with the reason in the last column."""
    yield HEADINGS
    for shown in usage.months:
        month = f"{shown.month.year}-{shown.month.month:02}"
        sent = str(usage.notifications.get(shown.month, ""))
        state = ("確定" if shown.revision is not None else "速報" if shown.use else "", *_frozen(shown))
        if shown.use is None:
            why = shown.missing.ja if shown.missing else ""
            yield (month, "全体", "", "", "", "", "", "", "", sent, *state, why)
            continue
        yield (month, "全体", "", *_whole(shown.use), sent, *state, "" if sent else f"通知: {NOT_WATCHED.ja}")
        for each in shown.use.departments:
            yield (month, "所属", kept_cell(each.department or "所属なし"), *_cells(each), "", "", *state, "")
        for role, people in shown.use.roles:
            name = Role(role).label.ja if role in tuple(Role) else "役割なし"
            yield (month, "役割", name, str(people), "", "", "", "", "", "", *state, "")


def _whole(use: MonthOfUse) -> tuple[str, ...]:
    return (
        str(use.people), str(use.sign_ins), str(use.page_views), str(use.downloads), str(use.reports),
        str(use.programs),
    )  # fmt: skip


def _cells(use: DepartmentOfUse) -> tuple[str, ...]:
    return str(use.people), str(use.sign_ins), str(use.page_views), str(use.downloads), str(use.reports)


def _frozen(shown: MonthShown) -> tuple[str, str]:
    at = "" if shown.frozen_at is None else f"{to_jst(shown.frozen_at):%Y-%m-%d %H:%M:%S}"
    return ("" if shown.revision is None else str(shown.revision)), at
