"""A sentence in both languages, side by side so that they say the same."""

from typing import NamedTuple


class Said(NamedTuple):
    """Japanese first: it is what a clerk reads. English for everybody else."""

    ja: str
    en: str

    def __format__(self, language: str) -> str:
        """`f"{said:en}"`; Japanese for anything else."""
        return self.en if language == "en" else self.ja
