"""Every text a person sees: one catalogue for each language, Japanese first."""

import re
from collections.abc import Mapping
from enum import StrEnum

from ingest.web.text.en import TEXTS as EN
from ingest.web.text.ja import TEXTS as JA


class Language(StrEnum):
    """The languages of the pages."""

    JA = "ja"
    EN = "en"


CATALOGUES: Mapping[Language, Mapping[str, str]] = {Language.JA: JA, Language.EN: EN}


def language_of(*wishes: str | None) -> Language:
    """The first wish that is a language we have, else Japanese."""
    for wish in wishes:
        if wish in tuple(Language):
            return Language(wish)
    return Language.JA


def preferred(accept_language: str) -> Language | None:
    """The language that Accept-Language prefers among ours; None if it names none of them."""
    wishes = sorted(map(_wish, accept_language.split(",")), reverse=True, key=lambda wish: wish[1])
    return next((Language(name) for name, weight in wishes if weight > 0 and name in tuple(Language)), None)


def _wish(written: str) -> tuple[str, float]:
    """(language, weight) of a part such as `en-GB;q=0.8`. A malformed weight counts as 0."""
    name, _, weight = written.partition(";")
    found = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", weight or "q=1", re.IGNORECASE)
    return name.strip().split("-")[0].casefold(), float(found[1]) if found else 0.0
