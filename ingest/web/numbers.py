"""Numbers as people write them into forms: with commas, in full width, with the sign or the word of the yen."""

import re
import unicodedata

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_DASHES = str.maketrans("\N{MINUS SIGN}\N{EN DASH}\N{HYPHEN}", "---")


def written_number(text: str) -> float | None:
    """The number of a text such as 1,200,000円 or １２０; None if it is none. An empty text is none either."""
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    plain = plain.replace(",", "").replace("\N{IDEOGRAPHIC COMMA}", "")
    plain = plain.removeprefix("\N{YEN SIGN}").removesuffix("円")
    return float(plain) if _NUMBER.fullmatch(plain) else None
