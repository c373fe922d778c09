"""Reads the month of a report from the command line."""

import re

from ingest.errors import CallRefused
from schemas.bilingual import Bilingual
from schemas.japan import Month

_FIRST_YEAR = 2000


def parse_month(text: str) -> Month:
    """`2026-11` as a Month. Raises CallRefused saying how to write it."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
    if match is None or not 1 <= int(match[2]) <= 12 or int(match[1]) < _FIRST_YEAR:
        raise CallRefused(
            Bilingual(
                f"--month {text}: 対象月は 2026-11 のように書いてください",
                f"--month {text}: write a month as YYYY-MM, e.g. 2026-11",
            )
        )
    return Month(int(match[1]), int(match[2]))
