"""The watch document (監視計画) of a project: rules, silence, quality, transmitting time, and who is told."""

from typing import Self

from pydantic import Field, model_validator

from schemas.bilingual import Bilingual
from schemas.project import Code
from schemas.watch_airtime import WatchAirtime
from schemas.watch_notice import WatchNotice
from schemas.watch_quality import WatchQuality
from schemas.watch_rules import RESERVED_TEXT, RegistryStages, WatchRules, reserved_texts
from schemas.watch_silence import WatchSilence


class WatchDocument(WatchNotice):
    """All that a project says about its watch. Every part may be absent: then the usual holds, and nobody is told."""

    project: Code
    registry_stages: RegistryStages = RegistryStages()
    rules: WatchRules = ()
    silence: WatchSilence = Field(default_factory=WatchSilence)
    quality: WatchQuality = Field(default_factory=WatchQuality)
    airtime: WatchAirtime = Field(default_factory=WatchAirtime)

    @model_validator(mode="after")
    def _words_are_ours(self) -> Self:
        found = [".".join(str(step) for step in path) for path in reserved_texts(self.model_dump(mode="json"))]
        if found:
            raise ValueError(
                Bilingual(
                    f"{RESERVED_TEXT.ja}: {'、'.join(found[:10])}", f"{RESERVED_TEXT.en}: {', '.join(found[:10])}"
                )
            )
        return self
