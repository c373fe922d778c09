"""A report as JSON: the document itself."""

from schemas.report_document import ReportDocument


def report_json(document: ReportDocument) -> bytes:
    """The bytes of the .json file: UTF-8, indented, members in the order of `schemas.report_document`."""
    return document.model_dump_json(indent=2, ensure_ascii=False).encode() + b"\n"
