"""ロジックモデル: the plan itself, drawn: boxes, the key figures that hang on them, targets, versions."""

from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from ingest.plan.document.versions import versions
from ingest.web.chart.logic import Drawing, Node, draw_logic
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.pages.plan.looked import Looked, Query_, look
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from schemas.japan import FiscalYear
from schemas.plan import Kpi, PlanDocument, Stage

router = APIRouter(include_in_schema=False)


class StageView(NamedTuple):
    """A column of the drawing for narrow screens: boxes with what they lead to and the key figures on them."""

    stage: Stage
    boxes: list[tuple[str, list[str], list[tuple[str, str]]]]


@router.get("/plan/model")
@allow(SEE)
def plan_model(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Query_,
    done: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """The page. `done`: what was done just now."""
    writer = writer_for(request)
    with deps.database() as connection:
        looked = look(request, connection, asked)
        history = versions(connection, looked.project.project_id) if looked.project else []
    return page(
        request,
        "plan_model.html",
        writer,
        done=writer.texts["done_plan"] if done == "plan" else "",
        history=history,
        older=looked.plan is not None and bool(history) and looked.plan.number < history[0].number,
        **drawn(looked),
        **looked.context,
    )


def drawn(looked: Looked) -> dict[str, Any]:
    """The drawing of the plan that is looked at, in both forms, and its years."""
    if looked.plan is None or looked.project is None:
        return {"drawing": None, "stages": [], "target_years": []}
    document = looked.plan.document
    query = urlencode({"project": looked.project.code, "fy": looked.year.year})
    return {
        "drawing": drawing_of(document, query),
        "stages": stages_of(document, query),
        "target_years": target_years(document),
    }


def drawing_of(document: PlanDocument, query: str = "") -> Drawing:
    """The boxes of a plan in their columns. `query`: of the links to key figures; empty: no links."""
    stages = list(Stage)
    return draw_logic(
        [
            Node(box.code, stages.index(box.stage), box.label, box.leads_to, _hanging(document, box.code, query))
            for box in document.boxes
        ]
    )


def stages_of(document: PlanDocument, query: str = "") -> list[StageView]:
    """The same as lists, for a screen on which four columns have no room, and for whoever cannot see a drawing."""
    labels = {box.code: box.label for box in document.boxes}
    return [
        StageView(
            stage,
            [
                (
                    box.label,
                    [labels[code] for code in box.leads_to if code in labels],
                    _hanging(document, box.code, query),
                )
                for box in document.boxes
                if box.stage is stage
            ],
        )
        for stage in Stage
    ]


def _hanging(document: PlanDocument, box: str, query: str) -> list[tuple[str, str]]:
    return [(kpi_address(kpi, query) if query else "", kpi.label) for kpi in document.kpis if kpi.box == box]


def kpi_address(kpi: Kpi, query: str) -> str:
    """Where the page of a key figure is."""
    return f"/plan/kpis/{kpi.code}?{query}"


def target_years(document: PlanDocument) -> list[FiscalYear]:
    """All years for which some key figure has a target."""
    return [FiscalYear(year) for year in sorted({year for kpi in document.kpis for year in kpi.targets})]
