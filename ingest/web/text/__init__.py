"""Every text a person sees: one catalogue for each language, Japanese first."""

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
