"""Makes a document of what files say: rows of a table change the KPIs of a plan, and all of it must fit the model."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ingest.plan.document.checks import faults
from ingest.plan.document.fault import Fault, Path, problem_of
from ingest.plan.document.refused import PlanRefused
from ingest.plan.document.source import Row, Source
from ingest.registry.problem import Problem
from schemas.bilingual import Bilingual
from schemas.misfit import misfit
from schemas.plan import PlanDocument

_NO_PLAN = Bilingual(
    "この事業の計画がまだありません。先に YAML の計画を反映してください",
    "this project has no plan yet: apply one in YAML first",
)


def document_of(source: Source, base: PlanDocument | None) -> PlanDocument:
    """The document that the files want. `base`: the present plan, which rows change where there is no YAML.

    Raises PlanRefused with all that is wrong, each with its line. The lines of rows are added to `source.spots`.
    """
    body = source.body
    if body is None:
        if base is None:
            raise PlanRefused([Problem(_NO_PLAN, source.rows[0].place)])
        body = base.model_dump(mode="json", exclude_none=True)
    for row in source.rows:
        _merge(body, row, source)
    try:
        return PlanDocument.model_validate(body)
    except ValidationError as error:
        problems = [problem_of(each, body, source.spots) for each in _misfits(error, body)]
        raise PlanRefused([*problems, *_more(error, body, source)]) from None


def _merge(body: dict[str, Any], row: Row, source: Source) -> None:
    kpis = body.setdefault("kpis", [])
    if not isinstance(kpis, list):
        return  # the model says so
    code = row.body.get("code")
    found = (index for index, each in enumerate(kpis) if isinstance(each, dict) and each.get("code") == code)
    index = next(found, len(kpis))
    old: dict[str, Any] = {}
    if index == len(kpis):
        kpis.append(old)
    else:
        old = kpis[index]
    kpis[index] = _merged(old, row)
    stale = [path for path in source.spots if path[:2] == ("kpis", index) and path[2:3] and path[2] in row.columns]
    for path in stale:
        del source.spots[path]
    for name in row.columns:
        source.spots["kpis", index, name] = row.place
    source.spots.setdefault(("kpis", index), row.place)


def _merged(old: Mapping[str, Any], row: Row) -> dict[str, Any]:
    new = {name: value for name, value in old.items() if name not in row.columns or name == "targets"}
    new |= {name: value for name, value in row.body.items() if name != "targets"}
    if row.years:
        targets = {str(year): value for year, value in (old.get("targets") or {}).items() if str(year) not in row.years}
        new["targets"] = targets | row.body.get("targets", {})
    return new


def _misfits(error: ValidationError, body: Any) -> list[Fault]:
    """What the model says, each once: of a dictionary it may say the same of a key and of its value."""
    found: dict[Fault, None] = {}
    for item in error.errors(include_url=False):
        fault = Fault(_path(item["loc"], body), misfit(item))
        found[fault] = None
    return list(found)


def _path(loc: tuple[int | str, ...], body: Any) -> Path:
    """The place in the document: the model also names the kind of an evidence, and keys, as if they were steps."""
    path: list[int | str] = []
    for number, step in enumerate(loc):
        inside: Any = body.get(step) if isinstance(body, dict) else None
        if isinstance(body, list) and isinstance(step, int) and step < len(body):
            inside = body[step]
        last = number == len(loc) - 1
        if inside is not None or (last and step != "[key]"):
            path.append(step)
            body = inside
    return tuple(path)


def _more(error: ValidationError, body: Mapping[str, Any], source: Source) -> list[Problem]:
    """What does not fit together in the part of the document that the model accepts. Things left out are not missed."""
    wrong = {item["loc"][:2] for item in error.errors(include_url=False)}
    if any(len(loc) < 2 or not isinstance(loc[1], int) for loc in wrong):
        return []
    sound = dict(body)
    for name in {loc[0] for loc in wrong}:
        items = sound[str(name)]
        sound[str(name)] = [each for index, each in enumerate(items) if (name, index) not in wrong]
    try:
        document = PlanDocument.model_validate(sound)
    except ValidationError:
        return []
    left_out = {name for name, _ in wrong}
    found = [each for each in faults(document) if not _follows(each, left_out)]
    return [problem_of(_at(each, wrong), body, source.spots) for each in found]


def _follows(fault: Fault, left_out: set[int | str]) -> bool:
    """Whether a fault may be there only because something was left out: a box that is named, a group that is named."""
    return "boxes" in left_out and (fault.path[-1] == "box" or "leads_to" in fault.path)


def _at(fault: Fault, wrong: set[tuple[int | str, ...]]) -> Fault:
    """The fault by its place in the whole document, where nothing is left out."""
    if len(fault.path) < 2 or not isinstance(fault.path[1], int):
        return fault
    place = fault.path[1]
    for index in sorted(loc[1] for loc in wrong if loc[0] == fault.path[0] and isinstance(loc[1], int)):
        place += index <= place
    return fault._replace(path=(fault.path[0], place, *fault.path[2:]))
