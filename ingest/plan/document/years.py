"""Fiscal years as people write them: 2026, 2026年度, 令和8年度, R8, H30."""

import re
import unicodedata

_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
_ERA_YEAR = re.compile(r"(令和|平成|R|H)(\d{1,2}|元)(?:年度|年)?")
_YEAR = re.compile(r"(?:FY)?(\d{4})(?:年度|年)?")


def year_written(text: str) -> str:
    """The year (A.D.) in four digits; a text that is no fiscal year as it is, to be refused where a year is needed."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    era = _ERA_YEAR.fullmatch(plain)
    if era is not None:
        return str(_ERAS[era[1]] + (1 if era[2] == "元" else int(era[2])))
    year = _YEAR.fullmatch(plain)
    return text if year is None else year[1]
