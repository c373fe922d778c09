"""Writes the forms of a large report in processes of their own: what a form needs of memory goes with its process.

`python -m ingest.report.form.apart DOCUMENT FORM FILE` is such a process. The document comes in a file that only this
user may read, and that is thrown away with its folder.
"""

import gc
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ingest.report.form.forms import ReportForm, refuse_unfit, write_form
from ingest.report.form.options import PLAIN, FormOptions
from ingest.runtime.child import die_with_the_service
from schemas.report_document import ReportDocument, Table

MOST_CELLS = 10_000
"""A report with no more cells in its tables is written at once: its forms take less than a process takes to begin."""

LONGEST_S = 900
_NO_MEMORY = 12
"""The exit code for: there was not enough memory."""


@contextmanager
def form_writer(document: ReportDocument, options: FormOptions = PLAIN) -> Iterator[Callable[[ReportForm], bytes]]:
    """A function that writes a form of the document, as `write_form` does; of a large one in a process of its own.

    The function raises what `write_form` does, MemoryError where the process had too little, and
    subprocess.SubprocessError when it failed.
    """
    if cells_of(document) <= MOST_CELLS:
        yield partial(write_form, document, options=options)
        return
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "document"
        with kept.open("wb") as file:
            pickle.dump((document, options), file, pickle.HIGHEST_PROTOCOL)
        yield partial(_write_apart, document, kept)


def cells_of(document: ReportDocument) -> int:
    """How many cells the tables of a report have together."""
    tables = (section for section in document.sections if isinstance(section, Table))
    return sum(len(table.rows) * len(table.columns) for table in tables)


def _write_apart(document: ReportDocument, kept: Path, form: ReportForm) -> bytes:
    refuse_unfit(document, form)
    made = kept.with_name(form.value)
    command = [sys.executable, "-m", "ingest.report.form.apart", str(kept), form.value, str(made)]
    done = subprocess.run(  # noqa: S603  this program itself, with files of its own
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=LONGEST_S
    )
    if done.returncode == _NO_MEMORY:
        raise MemoryError
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, stderr=done.stderr)
    content = made.read_bytes()
    made.unlink()
    return content


def main(kept: Path, form: ReportForm, made: Path) -> int:
    """Write a form of the document in the first file into the last one; the exit code."""
    die_with_the_service()
    gc.disable()  # nothing that is made here has a circle, and to look for some takes a quarter of the time
    try:
        with kept.open("rb") as file:
            document, options = pickle.load(file)  # noqa: S301  written by `form_writer` a moment ago, for this user alone
        made.write_bytes(write_form(document, form, options))
    except MemoryError:
        return _NO_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), ReportForm(sys.argv[2]), Path(sys.argv[3])))
