"""Large files of frozen reports travel one at a time: memory does not grow with how many there are."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.fixtures.database import Database
from tests.handover.test_round_trip import NewDatabase
from tests.handover.valley import fill

FILES, SIZE_MIB = 8, 4
EXPORT_ROOM_MIB, READ_ROOM_MIB = 18 * SIZE_MIB, 6 * SIZE_MIB
"""What one large file needs beyond the memory for small ones: in CSV it is hexadecimal."""
_CHILD = """
import resource, sys
from ingest.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""


def peak_mib(code: int, *words: str) -> int:
    """The most memory of a command that ends with this exit code."""
    done = subprocess.run([sys.executable, "-c", _CHILD, *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    found = re.search(r"peak (\d+)", done.stderr)
    assert found is not None
    return int(found[1])


def add_large_files(database: Database) -> None:
    """Give the first revision of the project so many more files, which nobody signed."""
    connection = database.connect()
    connection.execute("set session_replication_role = replica")
    for number in range(FILES):
        content = os.urandom(SIZE_MIB * 2**20)
        connection.execute(
            "insert into report_file select report_id, project_id, %s, %s, %s, %s, %s from report"
            " where number = 'tea-2026-yearly' and revision = 1",
            (f"f{number}", f"f{number}", content, hashlib.sha256(content).digest(), b"{}"),
        )


def test_large_files_do_not_need_memory_for_all_of_them(new_database: NewDatabase, tmp_path: Path) -> None:
    """The export, and the import as far as it reads them all: it refuses them then, as nobody signed them."""
    source = new_database()
    fill(source)
    small, large = str(tmp_path / "small"), str(tmp_path / "large")
    words = ("export", "--project", "tea", "--database", source.url, "-o")
    before = peak_mib(0, *words, small), peak_mib(0, "import", small, "--verify")
    add_large_files(source)
    after = peak_mib(0, *words, large), peak_mib(2, "import", large, "--verify")
    assert after[0] - before[0] < EXPORT_ROOM_MIB, (before, after)
    assert after[1] - before[1] < READ_ROOM_MIB, (before, after)
