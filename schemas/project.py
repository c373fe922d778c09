"""Project (事業) and organisation code (全国地方公共団体コード)."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.bilingual import Bilingual
from schemas.retention import Months, RetentionKind

CODE_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,62}$"
Code = Annotated[
    str, Field(pattern=CODE_PATTERN, description="Short name used in topics, files and URLs: a-z 0-9 . _ -")
]


def organisation_check_digit(five_digits: str) -> int:
    """Check digit of a 団体コード: (11 - (6a+5b+4c+3d+2e) mod 11) mod 10."""
    weighted = sum(weight * int(digit) for weight, digit in zip((6, 5, 4, 3, 2), five_digits, strict=True))
    return (11 - weighted % 11) % 10


def check_organisation_code(code: str) -> str:
    """The code itself, or ValueError saying what is wrong with it."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        raise ValueError(
            Bilingual(
                "団体コードは6桁です。先頭の0が残るよう、文字として書いてください",
                "an organisation code has six digits, written as text so that a leading 0 stays",
            )
        )
    expected = organisation_check_digit(code[:5])
    if int(code[5]) != expected:
        raise ValueError(
            Bilingual(
                f"団体コード {code} は検査数字が合いません({code[:5]} なら {expected})",
                f"the organisation code {code} has a wrong check digit: {code[:5]} ends in {expected}",
            )
        )
    return code


OrganisationCode = Annotated[str, AfterValidator(check_organisation_code)]


class Project(BaseModel):
    """A project (事業) a subsidy was granted for: the unit that reports are made about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    name: str = Field(min_length=1, description="事業名")
    organisation_code: OrganisationCode | None = Field(None, description="団体コード, six digits with check digit")
    organisation_name: str | None = Field(None, description="事業主体, e.g. 袋井市")
    grant_number: str | None = Field(None, description="交付決定番号")
    granted_on: date | None = Field(None, description="交付決定日")
    completed_on: date | None = Field(None, description="完了日; the five reporting years count from here")
    retention: dict[RetentionKind, Months] | None = Field(
        None,
        description="保存期間 in months: raw, rollup, quarantine, link, log. What is not said follows the settings",
    )
