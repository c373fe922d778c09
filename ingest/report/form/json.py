"""A report as JSON: the document itself."""

from pydantic_core import to_json

from schemas.report_document import ReportDocument


def report_json(document: ReportDocument) -> bytes:
    """The bytes of the .json file: UTF-8, indented, members in the order of `schemas.report_document`."""
    return to_json(document, indent=2) + b"\n"
