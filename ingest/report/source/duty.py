"""The duty to report the operation yearly, from the fiscal year after the completion on."""

from ingest.report.source.base import Asked
from schemas.japan import FiscalYear
from schemas.retention import DUTY_YEARS


def count_report(asked: Asked) -> tuple[int, int] | None:
    """Of a yearly report: which of the five it is. None without a completion date, and outside those years."""
    completed = asked.project.completed_on
    if completed is None or asked.period.span != "year":
        return None
    number = asked.first_day.year - FiscalYear.of(completed).year
    return (number, DUTY_YEARS) if 1 <= number <= DUTY_YEARS else None
