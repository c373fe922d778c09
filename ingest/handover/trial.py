"""Tries Parquet files in a process of its own before the import reads them.

A few kilobytes of Parquet may unpack to gigabytes, and only reading shows what reading takes. So a child reads every
row of every file, with limits on memory and time. The import does not read a file that the child could not read.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from schemas.bilingual import Bilingual

MEMORY_BYTES = 2**30
"""Address space of the child in bytes. Ordinary files take a third of it."""
SECONDS = 20
"""Processor time for one file; one second more for each `ROWS_A_SECOND` rows."""
ROWS_A_SECOND = 50_000
_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"}


class Candidate(NamedTuple):
    """A Parquet file, the part it claims to belong to, and the rows it should have."""

    path: str
    part: str
    rows: int


def problems_of(directory: Path, candidates: Sequence[Candidate]) -> Iterator[tuple[str, Bilingual]]:
    """(file, reason) of each unusable file. If the child dies, the file it was reading is the last one."""
    if not candidates:
        return
    command = [sys.executable, "-m", "ingest.handover.trial", str(directory)]
    child = subprocess.Popen(  # noqa: S603  our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | _ENVIRONMENT
    )
    answers = 0
    with child:
        assert child.stdin is not None  # both are pipes
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps(candidates).encode())
            child.stdin.close()
            for line in child.stdout:
                answers += 1
                problem = json.loads(line)
                if problem is not None:
                    yield candidates[answers - 1].path, Bilingual(*problem)
        finally:
            child.kill()
    if answers < len(candidates):
        megabytes = MEMORY_BYTES // 2**20
        yield (
            candidates[answers].path,
            Bilingual(
                f"壊れています(読むのに {megabytes} MiB を超える記憶か、長すぎる時間が要ります)",
                f"damaged: reading it takes more than {megabytes} MiB, or too long",
            ),
        )


def _limit(rows: int) -> None:
    """Raise the limit of processor time for the next file."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until_s = int(used.ru_utime + used.ru_stime) + SECONDS + rows // ROWS_A_SECOND
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until_s if hard < 0 else min(until_s, hard), hard))


def _lower(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard < 0 else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _main(directory: str) -> None:
    _lower(resource.RLIMIT_AS, MEMORY_BYTES)
    _lower(resource.RLIMIT_CORE, 0)
    from ingest.handover.tried import problem_of  # noqa: PLC0415  within the limit, as the parent need not load it

    for path, part, rows in json.load(sys.stdin):
        _limit(rows)
        print(json.dumps(problem_of(Path(directory), Candidate(path, part, rows))), flush=True)  # noqa: T201  the answer


if __name__ == "__main__":
    _main(sys.argv[1])
