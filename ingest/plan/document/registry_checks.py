"""What a plan names of the registry: devices, networks and gateways must be there; areas and uses are told of."""

from collections.abc import Iterable, Iterator

from ingest.plan.document.database import ThingRow
from ingest.plan.document.fault import Fault, Path
from schemas.bilingual import Bilingual
from schemas.plan import PlanDocument, PlanScope

_DEVICE = Bilingual("機器", "device")


class Registry:
    """The things of one project that a plan may name."""

    def __init__(self, rows: Iterable[ThingRow]) -> None:
        self._codes: dict[str, set[str]] = {}
        for row in rows:
            self._codes.setdefault(row.kind, set()).add(row.code)

    def has(self, kind: str, code: str) -> bool:
        """Whether the project has such a thing."""
        return code in self._codes.get(kind, ())


def registry_faults(document: PlanDocument, registry: Registry) -> Iterator[Fault]:
    """Codes that the registry does not have."""
    for name, devices in document.groups.items():
        yield from _absent(("groups", name), "device", _DEVICE, devices, registry)
    for index, kpi in enumerate(document.kpis):
        here: Path = ("kpis", index, "scope")
        scope = kpi.scope
        yield from _absent((*here, "devices"), "device", _DEVICE, scope.devices, registry)
        yield from _absent((*here, "networks"), "network", Bilingual("通信網", "network"), scope.networks, registry)
        yield from _absent((*here, "gateways"), "gateway", Bilingual("基地局", "gateway"), scope.gateways, registry)


def _absent(here: Path, kind: str, what: Bilingual, codes: Iterable[str], registry: Registry) -> Iterator[Fault]:
    for place, code in enumerate(codes):
        if not registry.has(kind, code):
            said = Bilingual(
                f"この事業の台帳に{what.ja} {code} がありません",
                f"the registry of this project has no {what.en} {code}",
            )
            yield Fault((*here, place), said)


def registry_notes(document: PlanDocument, registry: Registry) -> Iterator[Fault]:
    """Areas and uses that no device has yet: they are words that people choose, and a plan may be there first."""
    for index, kpi in enumerate(document.kpis):
        yield from _unused(("kpis", index, "scope"), kpi.scope, registry)


def _unused(here: Path, scope: PlanScope, registry: Registry) -> Iterator[Fault]:
    for field, kind, words in (("areas", "area", scope.areas), ("uses", "use", scope.uses)):
        for place, word in enumerate(words):
            if not registry.has(kind, word):
                said = Bilingual(f"「{word}」の機器がまだありません", f"no device has {word!r} yet")
                yield Fault((*here, field, place), said)
