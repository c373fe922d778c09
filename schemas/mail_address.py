"""Addresses for e-mail: what may be written as one. Narrow on purpose, so that none of them can be anything else."""

import re

from schemas.bilingual import Bilingual

LONGEST = 254
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,{LONGEST}}}\Z)(?=[^@]{{1,64}}@){_LOCAL}@{_LABEL}(?:\.{_LABEL})*")


def checked_address(text: str) -> str:
    """The address without blanks around it. Raises ValueError (a `Bilingual`) for what is none, or for several."""
    address = text.strip()
    if _ADDRESS.fullmatch(address) is None:
        raise ValueError(
            Bilingual(
                f"「{address[:100]}」はメールアドレスではありません。"
                "sato@city.example.jp のように一つだけ書いてください",
                f"{address[:100]!r} is no e-mail address: write one, as sato@city.example.jp",
            )
        )
    return address
