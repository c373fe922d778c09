"""A usage report as JSON: the model itself, for programs and for keeping."""

from schemas.report import UsageReport


def usage_json(report: UsageReport) -> bytes:
    """The bytes of the .json file: UTF-8, indented, keys in the order of `schemas.report`."""
    return report.model_dump_json(indent=2, ensure_ascii=False).encode() + b"\n"
