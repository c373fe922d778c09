"""What is done with improvement measures: proposing one, changing what it says, moving it on, writing its result.

Every change is a row of `measure_event` and an entry of the audit log, in one transaction. What belongs to a closed
fiscal year stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.audit_log.database import organisation_of
from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.figures.project import ProjectRef
from ingest.plan.act import database
from ingest.plan.act.checks import MeasureRefused, check_draft, check_move, check_text
from ingest.plan.act.effect import effect_of
from ingest.plan.act.effect_words import effect_record
from ingest.plan.act.model import Measure, MeasureDraft, MeasureEvent
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, to_jst
from schemas.work import MeasureState

MEASURE = Bilingual("改善措置", "improvement measure")
OTHER_KEY = Bilingual(
    "このキー(client_key)は、中身の違うほかの改善措置に使われています",
    "this client_key belongs to a measure that says something else",
)
_FIELDS = tuple(MeasureDraft.__dataclass_fields__)


class AlreadyMoved(ChangeRefused):
    """Somebody sent the same step before: the measure is as it was to be, and nothing was stored now."""

    def __init__(self) -> None:
        super().__init__(Bilingual("もうその状態になっています", "it is in that state already"))


@dataclass(frozen=True, slots=True)
class Move:
    """A step to another state. `done_on`: of a step to `done`. `result`: what came of it; None leaves it as it is."""

    to: MeasureState
    done_on: date | None = None
    result: str | None = None
    note: str = ""


def measures_of(connection: Database, project_id: int, fiscal_year: int | None = None) -> list[Measure]:
    """The measures of a project, or those of one of its fiscal years, by number."""
    return database.select_measures(connection, project_id, fiscal_year)


def measure_of(connection: Database, project_id: int, number: int) -> Measure:
    """The measure with this number. Raises NotThere."""
    found = database.select_measures(connection, project_id, number=number)
    if not found:
        raise NotThere(MEASURE)
    return found[0]


def measure_by_id(connection: Database, measure_id: int) -> Measure:
    """The measure with this id. Raises NotThere, also for one of a project that this connection does not see."""
    found = database.select_measure(connection, measure_id)
    if found is None:
        raise NotThere(MEASURE)
    return found


def kept_effects(connection: Database, project_id: int) -> dict[int, dict[str, Any]]:
    """By id of the measure: its effect as it was known when somebody evaluated it (`effect_record`)."""
    return database.select_last_effects(connection, project_id)


def events_of(connection: Database, measure: Measure) -> list[MeasureEvent]:
    """What became of a measure, the oldest first."""
    return database.select_events(connection, measure.measure_id)


def propose_measure(connection: Database, by: By, project: ProjectRef, draft: MeasureDraft) -> tuple[int, int]:
    """Store a new measure and return its id and its number. Raises ChangeRefused, also for a closed year."""
    with connection.transaction():
        database.lock_measures(connection, project.project_id)
        return _propose(connection, by, project, draft, None)


def enter_measure(
    connection: Database, by: By, project: ProjectRef, draft: MeasureDraft, client_key: UUID | None
) -> tuple[tuple[int, int], bool]:
    """As `propose_measure`, for a sender that may send it again: id and number, and whether it was stored before.

    Raises ChangeRefused, also for a key that came with another measure.
    """
    with connection.transaction():
        database.lock_measures(connection, project.project_id)
        before = None if client_key is None else database.select_keyed(connection, project.project_id, client_key)
        if before is None:
            return _propose(connection, by, project, draft, client_key), False
        *ids, said = before
        if any(said.get(name) != value for name, value in _said(draft).items()):
            raise ChangeRefused(OTHER_KEY)
        return (ids[0], ids[1]), True


def _propose(
    connection: Database, by: By, project: ProjectRef, draft: MeasureDraft, client_key: UUID | None
) -> tuple[int, int]:
    check_open_year(connection, project.project_id, draft.fiscal_year)
    check_draft(connection, project.project_id, draft)
    return _store(connection, by, project, draft, {"state": MeasureState.PROPOSED.value}, client_key)


def carry_measure(connection: Database, by: By, project: ProjectRef, measure: Measure, fiscal_year: int) -> int:
    """Let a measure go on as a new one of this fiscal year, in the state it is in, and return its number.

    It is for a transaction that holds the lock of the measures. What came of it so far stays in the old one.
    """
    draft = replace(draft_of(measure), fiscal_year=fiscal_year, result="")
    moved = {"state": measure.state.value, "done_on": measure.done_on, "carried_from": measure.measure_id}
    return _store(connection, by, project, draft, moved)[1]


def _store(
    connection: Database,
    by: By,
    project: ProjectRef,
    draft: MeasureDraft,
    moved: Mapping[str, Any],
    client_key: UUID | None = None,
) -> tuple[int, int]:
    """Add a measure with its first event: its id and number. `moved`: columns that are not of the draft."""
    columns: dict[str, Any] = {
        "project_id": project.project_id,
        "done_on": None,
        "carried_from": None,
        "entered_by": by.actor,
    }
    columns["client_key"] = client_key
    measure_id, number = database.insert_measure(connection, {**_columns(draft), **columns, **moved})
    said = {name: value.isoformat() if isinstance(value, date) else value for name, value in moved.items()}
    _note(connection, by, project, (measure_id, number), {}, _said(draft) | said, "")
    return measure_id, number


def change_measure(
    connection: Database, by: By, project: ProjectRef, number: int, draft: MeasureDraft, note: str = ""
) -> bool:
    """Change what a measure says; False if it says so already. Raises ChangeRefused, NotThere."""
    with connection.transaction():
        database.lock_measures(connection, project.project_id)
        measure = measure_of(connection, project.project_id, number)
        check_open_year(connection, project.project_id, measure.fiscal_year)
        check_open_year(connection, project.project_id, draft.fiscal_year)
        check_draft(connection, project.project_id, draft, measure)
        check_text("note", note)
        before, after = _different(_said(draft_of(measure)), _said(draft))
        if not after:
            return False
        database.update_measure(
            connection,
            _columns(draft)
            | {"measure_id": measure.measure_id, "state": measure.state.value, "done_on": measure.done_on},
        )
        _note(connection, by, project, (measure.measure_id, number), before, after, note)
    return True


def move_measure(connection: Database, by: By, project: ProjectRef, number: int, move: Move, now: datetime) -> Measure:
    """Move a measure to another state and return it. Raises ChangeRefused with what is missing, NotThere, AlreadyMoved.

    With the step to `evaluated` the effect is kept in its event as it was known then: late data changes it no more.
    """
    with connection.transaction():
        database.lock_measures(connection, project.project_id)
        measure = measure_of(connection, project.project_id, number)
        if measure.state is move.to:
            raise AlreadyMoved if _says_no_more(measure, move) else MeasureRefused("to", _other_move(move.to))
        check_open_year(connection, project.project_id, measure.fiscal_year)
        check_move(measure, move.to, move.done_on, _result_after(measure, move), move.note, to_jst(now).date())
        moved = replace(
            measure, state=move.to, done_on=_done_on_after(measure, move), result=_result_after(measure, move)
        )
        before, after = _different(_moving(measure), _moving(moved))
        if move.to is MeasureState.EVALUATED:
            after["effect"] = effect_record(effect_of(connection, project.code, moved, now))
        columns = _columns(draft_of(moved)) | {
            "measure_id": measure.measure_id, "state": moved.state.value, "done_on": moved.done_on,
        }  # fmt: skip
        database.update_measure(connection, columns)
        _note(connection, by, project, (measure.measure_id, number), before, after, move.note)
    return moved


def check_open_year(connection: Database, project_id: int, fiscal_year: int) -> None:
    """Raise ChangeRefused if this year of the project was closed."""
    if database.select_cycle(connection, project_id, fiscal_year) is not None:
        label = FiscalYear(fiscal_year).label
        raise ChangeRefused(
            Bilingual(
                f"{label}は締められているため、その改善措置は変えられません。次年度の措置として登録してください",
                f"fiscal {fiscal_year} is closed: its measures stay as they are. Enter a measure of the next year",
            )
        )


def draft_of(measure: Measure) -> MeasureDraft:
    """What people entered about a measure, as it holds now."""
    return MeasureDraft(**{name: getattr(measure, name) for name in _FIELDS})


def _result_after(measure: Measure, move: Move) -> str:
    return measure.result if move.result is None else move.result.strip()


def _says_no_more(measure: Measure, move: Move) -> bool:
    """Whether a step to the state that a measure is in would change nothing of it."""
    return _result_after(measure, move) == measure.result and move.done_on in (None, measure.done_on)


def _other_move(state: MeasureState) -> Bilingual:
    return Bilingual(
        f"もう「{state.label.ja}」になっていて、実施した日か結果が違います",
        f"it is {state.label.en} already, with another day or another result",
    )


def _done_on_after(measure: Measure, move: Move) -> date | None:
    """A measure that goes back to be done has no day on which it was done."""
    if move.to is MeasureState.DONE:
        return move.done_on or measure.done_on
    return measure.done_on if move.to is MeasureState.EVALUATED else None


def _columns(draft: MeasureDraft) -> dict[str, Any]:
    values = asdict(draft)
    return values | {name: list(values[name]) for name in ("kpis", "devices", "networks")} | {"kind": draft.kind.value}


def _said(draft: MeasureDraft) -> dict[str, Any]:
    return _columns(draft) | {"due": draft.due.isoformat()}


def _moving(measure: Measure) -> dict[str, Any]:
    done_on = None if measure.done_on is None else measure.done_on.isoformat()
    return {"state": measure.state.value, "done_on": done_on, "result": measure.result}


def _different(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    changed = [name for name in after if before[name] != after[name]]
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


def _note(
    connection: Database, by: By, project: ProjectRef, measure: tuple[int, int],
    before: Mapping[str, Any], after: Mapping[str, Any], note: str,
) -> None:  # fmt: skip
    """Write down a change of the measure with this id and number. It is the last thing of its transaction."""
    measure_id, number = measure
    database.insert_event(connection, (measure_id, project.project_id), by.actor, before, after, note)
    entry = by.entry(
        Action.MEASURE_CHANGED, f"{project.code} {number}", organisation_of(connection, project.code), project.code,
        before, after,
    )  # fmt: skip
    audit.append(connection, entry, by.address)


def done_beside(measure: Measure, others: Sequence[Measure]) -> list[Measure]:
    """Other measures that were done within the windows of this one and may be about the same devices."""
    if measure.done_on is None:
        return []
    window = timedelta(days=measure.window_days)
    return [
        each
        for each in others
        if measure.measure_id not in (each.measure_id, each.carried_from)
        and measure.carried_from != each.measure_id
        and each.done_on is not None
        and abs(each.done_on - measure.done_on) <= window
        and _may_share(measure, each)
    ]


def _may_share(one: Measure, two: Measure) -> bool:
    """Whether two measures name a device or a network in common, or one of them is about the whole project."""
    if not (one.devices or one.networks) or not (two.devices or two.networks):
        return True
    return bool({*one.devices} & {*two.devices} or {*one.networks} & {*two.networks})
