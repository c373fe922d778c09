"""The number of a submission: what it is about, in words that people read out on the telephone. Pure."""

from schemas.report_document import Period, ReportDocument


def submission_number(document: ReportDocument) -> str:
    """tea-2026-yearly, tea-2026-11-monthly or tea-2026-11-30-assets: the same for all revisions."""
    return f"{document.project.code}-{_about(document.period)}-{document.kind.value}"


def _about(period: Period) -> str:
    if period.span == "year":
        return f"{period.first_day.year}"
    return f"{period.first_day:%Y-%m}" if period.span == "month" else period.first_day.isoformat()
