"""Sets one report, or a piece of it, in a process of its own: what typst remembers goes with the process.

Reads one JSON object from standard input: `report`, `tags`, `at` (seconds since 1970). Writes the PDF.
"""

import json
import sys
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import noto_cjk_sans_jp_bold
import noto_cjk_sans_jp_regular
import typst

FONT_PATHS: list[Any] = [Path(fonts.__file__).parent for fonts in (noto_cjk_sans_jp_regular, noto_cjk_sans_jp_bold)]
"""Noto Sans CJK JP from packages: what the machine has installed makes no difference."""


def set_report(report: object, at: datetime, *, tags: bool) -> bytes:
    """The PDF. Raises typst.TypstError when the template does not fit the report.

    With tags it is PDF/A-2a, and PDF/UA-1 for screen readers; without them PDF/A-2b. Both keep for decades.
    """
    template = files("ingest.report.form").joinpath("report.typ").read_bytes()
    inputs: Any = {"main.typ": template, "report.json": json.dumps(report, ensure_ascii=False).encode()}
    made: bytes = typst.compile(
        inputs,
        format="pdf",
        font_paths=FONT_PATHS,
        ignore_system_fonts=True,
        pdf_standards=["a-2a", "ua-1"] if tags else ["a-2b"],
        pdf_tags=tags,
        timestamp=at,
    )
    return made


def main() -> None:
    """Standard input to standard output."""
    asked = json.load(sys.stdin.buffer)
    at = datetime.fromtimestamp(asked["at"], UTC)
    sys.stdout.buffer.write(set_report(asked["report"], at, tags=asked["tags"]))


if __name__ == "__main__":
    main()
