"""/api/v1/plan/measures: improvement measures of a project, with their history and their effect."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query

from ingest.figures.fetch import Database
from ingest.figures.project import ProjectRef, project_refs
from ingest.plan.act.database import devices_of, networks_of
from ingest.plan.act.effect import effect_of
from ingest.plan.act.effect_words import effect_record
from ingest.plan.act.measures import events_of, kept_effects, measures_of
from ingest.plan.act.model import Measure
from ingest.web.api.answers.measures import MeasureAnswer, MeasuresAnswer
from ingest.web.api.parameters import Deps
from ingest.web.plan_door import project_seen
from ingest.web.rules import SEE, allow
from schemas.japan import to_jst

router = APIRouter(prefix="/plan", tags=["plan"])

Project = Annotated[
    str | None, Query(description="Code of a project; without it, the first", max_length=63, examples=["fukuroi"])
]
FiscalYears = Annotated[int | None, Query(description="Only those of this fiscal year", ge=2015, le=2100)]
Number = Annotated[int | None, Query(description="Number of the measure within its project", ge=1, le=2**31 - 1)]


@router.get("/measures")
@allow(SEE)
def read_plan_measures(
    deps: Deps, project: Project = None, fy: FiscalYears = None, number: Number = None
) -> MeasuresAnswer:
    """Improvement measures (改善措置) with their history, and the effect that was kept when each was evaluated.

    With `number` that one alone, and its effect as it is known now.
    """
    now = datetime.now(UTC)
    with deps.database() as connection:
        seen = _seen(connection, project)
        effects = kept_effects(connection, seen.project_id)
        devices, networks = devices_of(connection, seen.project_id), networks_of(connection, seen.project_id)
        found = [
            MeasureAnswer.model_validate(
                _body(each, devices, networks)
                | {
                    "effect": effects.get(each.measure_id),
                    "effect_now": effect_record(effect_of(connection, seen.code, each, now)) if number else None,
                    "events": [asdict(event) for event in events_of(connection, each)],
                }
            )
            for each in measures_of(connection, seen.project_id, fy)
            if number in (None, each.number)
        ]
    return MeasuresAnswer(project=seen.code, computed_at=to_jst(now), measures=found)


def _seen(connection: Database, code: str | None) -> ProjectRef:
    found = project_seen(project_refs(connection), code or "")
    if found is None:
        raise HTTPException(404, "There is no project yet.")
    return found


def _body(
    measure: Measure, devices: dict[int, tuple[str, str]], networks: dict[int, tuple[str, str]]
) -> dict[str, Any]:
    """What a measure says, with codes for ids. What has left the project since has no code here."""
    return asdict(measure) | {
        "kind": measure.kind.value, "state": measure.state.value,
        "devices": [devices[each][0] for each in measure.devices if each in devices],
        "networks": [networks[each][0] for each in measure.networks if each in networks],
        "elsewhere": len({*measure.devices} - devices.keys()) + len({*measure.networks} - networks.keys()),
    }  # fmt: skip
