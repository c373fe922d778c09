"""What applying a document would do: a pure comparison of the document with the rows of the database."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import BaseModel

from ingest.registry.active_levels import check_active_levels, doubts
from ingest.registry.assets import check_assets
from ingest.registry.catalogue import check_catalogue
from ingest.registry.client_ids import Reserved, check_client_ids
from ingest.registry.columns import label
from ingest.registry.problem import Kind, Problem, Subject, key_of
from ingest.registry.references import check_identities, check_references
from ingest.registry.stages import check_stages
from schemas.bilingual import Bilingual
from schemas.device import Device
from schemas.profile import Profile
from schemas.registry import RegistryDocument

Row = Mapping[str, Any]
"""A row of the database in the fields of its model, plus `id`. A profile's row is `id code profile shipped`."""


@dataclass(frozen=True, slots=True)
class Known:
    """The rows of the database that a document can concern, by keys as `key_of` gives them."""

    projects: Mapping[str, Row] = field(default_factory=dict)
    networks: Mapping[str, Row] = field(default_factory=dict)
    gateways: Mapping[str, Row] = field(default_factory=dict)
    profiles: Mapping[str, Row] = field(default_factory=dict)
    devices: Mapping[str, Row] = field(default_factory=dict)
    quantities: Mapping[str, Row] = field(default_factory=dict)
    ranges: Mapping[str, Row] = field(default_factory=dict)
    bindings: Mapping[str, Row] = field(default_factory=dict)
    stages: Mapping[str, Row] = field(default_factory=dict)
    assets: Mapping[str, Row] = field(default_factory=dict)

    def of(self, kind: Kind) -> Mapping[str, Row]:
        """The rows of one kind by key."""
        rows: Mapping[str, Row] = getattr(self, str(kind))
        return rows


class FieldChange(NamedTuple):
    """One field that changes. The values are those of the model."""

    field: str
    old: object
    new: object


class Item(NamedTuple):
    """One whole row to write. `id` is None for a new row; `changes` names the fields that differ from an old one."""

    subject: Subject
    id: int | None
    values: Row
    changes: tuple[FieldChange, ...] = ()


@dataclass(slots=True)
class Part:
    """The changes of one kind."""

    created: list[Item] = field(default_factory=list)
    changed: list[Item] = field(default_factory=list)
    unchanged: int = 0

    @property
    def items(self) -> list[Item]:
        """All rows that will be written."""
        return [*self.created, *self.changed]


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What applying `document` would do. It can be carried out only if there are no problems."""

    document: RegistryDocument
    allow_moves: bool
    parts: Mapping[Kind, Part]
    problems: tuple[Problem, ...]
    doubts: tuple[Bilingual, ...] = ()
    """What is possible but unlikely beside other rows; `questions` has those of one row alone."""

    @property
    def changes_something(self) -> bool:
        """Whether the database would be different afterwards."""
        return any(part.created or part.changed for part in self.parts.values())


def compare(
    known: Known,
    document: RegistryDocument,
    shipped: Mapping[str, Profile],
    *,
    allow_moves: bool = False,
    broken: frozenset[Subject] = frozenset(),
    reserved: Reserved = frozenset(),
) -> ChangeSet:
    """Compare a document with the database.

    Fields a document does not mention stay as they are; `null` or an empty cell clears a field.
    `broken` are things that the files name but that could not be read. References to them are not
    reported a second time.
    """
    moves, problems = _moves(known, document.devices, allow_moves=allow_moves)
    parts = {
        Kind.PROJECT: _part(Kind.PROJECT, known.projects, document.projects),
        Kind.QUANTITY: _part(Kind.QUANTITY, known.quantities, document.quantities),
        Kind.RANGE: _part(Kind.RANGE, known.ranges, document.ranges),
        Kind.NETWORK: _part(Kind.NETWORK, known.networks, document.networks),
        Kind.GATEWAY: _part(Kind.GATEWAY, known.gateways, document.gateways),
        Kind.PROFILE: _profiles(known, document, shipped),
        Kind.DEVICE: _part(Kind.DEVICE, known.devices, document.devices, lambda key: moves.get(key, key)),
        Kind.BINDING: _part(Kind.BINDING, known.bindings, document.bindings),
        Kind.STAGE: _part(Kind.STAGE, known.stages, document.stages),
        Kind.ASSET: _part(Kind.ASSET, known.assets, document.assets),
    }
    wanted = {kind: {key_of(kind, thing.__dict__): thing for thing in getattr(document, str(kind))} for kind in Kind}
    final = {kind: {**known.of(kind), **_values(part)} for kind, part in parts.items()}
    for old in moves.values():
        del final[Kind.DEVICE][old]
    refused = {problem.subject for problem in problems}
    problems += check_references(final, wanted, frozenset(shipped), broken)
    problems += check_catalogue(final, wanted, broken)
    problems += check_stages(final, wanted, broken)
    problems += check_active_levels(final, wanted)
    problems += check_assets(final, wanted, broken)
    problems += [each for each in check_identities(final, wanted) if each.subject not in refused]
    problems += check_client_ids(final, wanted[Kind.DEVICE], reserved)
    doubted = tuple(doubts(final, _values(parts[Kind.DEVICE])))
    return ChangeSet(document, allow_moves, parts, tuple(problems), doubted)


def _part(kind: Kind, known: Mapping[str, Row], things: Iterable[BaseModel], place: Callable[[str], str] = str) -> Part:
    part = Part()
    for thing in things:
        key = key_of(kind, thing.__dict__)
        old = known.get(place(key))
        if old is None:
            part.created.append(Item(Subject(kind, key), None, dict(thing)))
            continue
        values = {name: new for name, new in thing if name in thing.model_fields_set}
        changes = tuple(FieldChange(name, old[name], new) for name, new in values.items() if old[name] != new)
        if changes:
            part.changed.append(Item(Subject(kind, key), old["id"], {**old, **values}, changes))
        else:
            part.unchanged += 1
    return part


def _values(part: Part) -> dict[str, Row]:
    return {item.subject.key: item.values for item in part.items}


def _profiles(known: Known, document: RegistryDocument, shipped: Mapping[str, Profile]) -> Part:
    """Profiles of the document, then shipped ones that are named for the first time or have a newer body.

    A profile given by a document is never replaced by a shipped one of the same code.
    """
    part = Part()
    in_document = {profile.code: profile for profile in document.profiles}
    for profile in in_document.values():
        _profile(part, known, profile, shipped=False)
    named = {device.profile for device in document.devices} | {binding.profile for binding in document.bindings}
    for code, profile in shipped.items():
        row = known.profiles.get(code)
        if code not in in_document and (row["shipped"] if row else code in named):
            _profile(part, known, profile, shipped=True)
    return part


def _profile(part: Part, known: Known, profile: Profile, *, shipped: bool) -> None:
    row = known.profiles.get(profile.code)
    subject = Subject(Kind.PROFILE, profile.code)
    values = {"code": profile.code, "profile": profile, "shipped": shipped}
    if row is None:
        part.created.append(Item(subject, None, values))
    elif row["profile"] != profile:
        changes = (FieldChange("body", row["profile"], profile),)
        part.changed.append(Item(subject, row["id"], values, changes))
    elif not shipped:
        part.unchanged += 1


def _moves(known: Known, devices: Iterable[Device], *, allow_moves: bool) -> tuple[dict[str, str], list[Problem]]:
    """New key -> old key of devices that are registered under another project, if that is allowed."""
    wanted = {key_of(Kind.DEVICE, device.__dict__) for device in devices}
    by_identity = {
        identity: key for key, row in known.devices.items() if key not in wanted for identity in _identities(row)
    }
    moves: dict[str, str] = {}
    taken: set[str] = set()
    problems: list[Problem] = []
    for device in devices:
        key = key_of(Kind.DEVICE, device.__dict__)
        old = None if key in known.devices else _first(by_identity, _identities(dict(device)))
        if old is None or known.devices[old]["project"] == device.project:
            continue
        if not allow_moves:
            problems.append(_refused_move(key, old))
        elif old not in taken:
            taken.add(old)
            moves[key] = old
    return moves, problems


def _identities(row: Row) -> list[tuple[object, ...]]:
    """Values that identify a physical device. A serial number alone does not: some vendors write "unknown"."""
    identities: list[tuple[object, ...]] = [
        (name, row[name]) for name in ("dev_eui", "things_stack_id", "sparkplug_id", "client_id") if row[name]
    ]
    if row["model"] and row["serial"]:
        identities.append(("serial", row["code"], row["model"], row["serial"]))
    return identities


def _first(by_identity: Mapping[tuple[object, ...], str], identities: Iterable[tuple[object, ...]]) -> str | None:
    return next((by_identity[each] for each in identities if each in by_identity), None)


def _refused_move(key: str, old: str) -> Problem:
    message = Bilingual(
        f"同じ機器が {old} として登録されています。別の事業へ移すと過去の集計も変わるため、そのままでは移せません。"
        "移してよいときは --allow-moves を付けて実行し、そうでなければ事業を元に戻してください",
        f"the same device is registered as {old}. In another project it takes its past sums with it: call with"
        " --allow-moves if that is meant, else put the project back",
    )
    return Problem(message, column=label(Kind.DEVICE, "project"), subject=Subject(Kind.DEVICE, key))
