"""Cells of figures with their evidence (根拠): what can be asked of the database again, and why a value is missing."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from ingest.plan.check.look import to_decimal
from ingest.report.source.base import Asked
from schemas.bilingual import Bilingual
from schemas.japan import to_jst
from schemas.report_document import Cell, Evidence, Said, Value


def evidence_of(asked: Asked, name: str, figure: str, rows: int, **arguments: object) -> Evidence:
    """A piece of evidence. `arguments`: those of the function of the database, or columns of the view, by name."""
    return Evidence(
        id=name, figure=figure, arguments={key: argument_text(value) for key, value in arguments.items()}, rows=rows,
        computed_at=to_jst(asked.now),
    )  # fmt: skip


def argument_text(value: object) -> str:
    """An argument as PostgreSQL reads it, times on a Japanese clock."""
    return to_jst(value).isoformat() if isinstance(value, datetime) else str(value)


def figure_cell(
    value: Value | Fraction | float | None,
    evidence: Evidence | None,
    missing: Bilingual | None = None,
    *,
    reference_only: bool = False,
) -> Cell:
    """A cell of a figure; without a value it says why. A fraction keeps 30 digits, of a float the shortest decimal."""
    if value is None:
        return Cell(missing=said(missing) if missing else None, evidence=evidence and evidence.id)
    exact = to_decimal(value) if isinstance(value, Fraction | float) else value
    return Cell.of(exact, reference_only=reference_only, evidence=evidence.id if evidence else None)


def said(text: Bilingual) -> Said:
    """The text as a document keeps it."""
    return Said(ja=text.ja, en=text.en)


def missing_cell(why: Bilingual) -> Cell:
    """A cell that nothing can be computed for."""
    return Cell(missing=said(why))


def hours(seconds: float | Decimal | None) -> Decimal | None:
    """Seconds in hours, exact to 30 digits; None stays None."""
    return None if seconds is None else to_decimal(Fraction(seconds) / 3600)
