"""Every device that a document names, with its place."""

from collections.abc import Iterable, Iterator

from ingest.watch.document.fault import Path
from schemas.watch import WatchDocument


def each_device(document: WatchDocument) -> Iterator[tuple[Path, str]]:
    """Place and code of every device."""
    for number, rule in enumerate(document.rules):
        here: Path = ("rules", number)
        yield from _listed((*here, "devices"), rule.devices)
        for place, stage in enumerate(rule.stages):
            if stage.with_ is not None:
                for name, wanted in (("any", stage.with_.any), ("all", stage.with_.all)):
                    for beside_place, beside in enumerate(wanted):
                        path = (*here, "stages", place, "with", name, beside_place, "devices")
                        yield from _listed(path, beside.devices)
    yield from _of_silence(document)
    for number, series in enumerate(document.quality.series):
        here = ("quality", "series", number)
        yield from _listed((*here, "devices"), series.devices or ())
        yield from _listed((*here, "neighbours"), series.neighbours)
    for number, notice in enumerate(document.notify):
        yield from _listed(("notify", number, "devices"), notice.devices)


def _of_silence(document: WatchDocument) -> Iterator[tuple[Path, str]]:
    for number, blind in enumerate(document.silence.blind or ()):
        yield from _listed(("silence", "blind", number, "gauges"), blind.gauges)
        yield from _listed(("silence", "blind", number, "rain"), blind.rain)
    for number, event_only in enumerate(document.silence.event_only):
        yield from _listed(("silence", "event_only", number, "devices"), event_only.devices)


def _listed(path: Path, codes: Iterable[str]) -> Iterator[tuple[Path, str]]:
    for place, code in enumerate(codes):
        yield (*path, place), code
