"""All sources, by the names that layouts use."""

from collections.abc import Mapping

from ingest.report.source.base import Source
from ingest.report.source.head import HEAD

_ALL: tuple[Source, ...] = (HEAD,)

SOURCES: Mapping[str, Source] = {source.name: source for source in _ALL}
