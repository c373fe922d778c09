"""Files that people hand to commands, opened so that none of them can hang the command or fill the memory."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ingest.errors import CallRefused
from schemas.bilingual import Bilingual

PIECE_BYTES = 2**20
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


class FileRefused(CallRefused):
    """A file that is not read: `reason` says why, the message names it too."""

    def __init__(self, name: object, reason: Bilingual) -> None:
        super().__init__(Bilingual(f"{name}: {reason.ja}", f"{name}: {reason.en}"))
        self.reason = reason


def open_regular(path: Path) -> BinaryIO:
    """Open a file. Raises FileRefused for a pipe, a device or a directory, OSError for one that cannot be opened."""
    return _regular(path, os.open(path, _FLAGS))


def open_inside(directory: Path, name: str) -> BinaryIO:
    """Open a file within a directory: no step of its name may be a link or lead out. Raises as `open_regular` does."""
    steps = PurePosixPath(name).parts
    if not steps or steps[0] == "/" or ".." in steps or "\0" in name:
        raise FileRefused(name, Bilingual("ディレクトリの外です", "lies outside the directory"))
    at = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for step in steps[:-1]:
            below = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)
            os.close(at)
            at = below
        return _regular(name, os.open(steps[-1], _FLAGS | os.O_NOFOLLOW, dir_fd=at))
    finally:
        os.close(at)


def _regular(name: object, number: int) -> BinaryIO:
    file = os.fdopen(number, "rb", closefd=True) if stat.S_ISREG(os.fstat(number).st_mode) else None
    if file is None:
        os.close(number)
        raise FileRefused(name, Bilingual("普通のファイルではありません", "is not a regular file"))
    return file


def read_regular(path: Path, most_bytes: int) -> bytes:
    """The whole of a file. Raises FileRefused if it is larger or no regular file, OSError if it cannot be opened."""
    with open_regular(path) as file:
        return read_stream(file, most_bytes, path)


def read_stream(file: BinaryIO, most_bytes: int, name: object) -> bytes:
    """All bytes of a stream. Raises FileRefused as soon as they are more than `most_bytes`."""
    pieces = []
    left = most_bytes + 1
    while left > 0 and (piece := file.read(min(left, PIECE_BYTES))):
        pieces.append(piece)
        left -= len(piece)
    if left <= 0:
        raise FileRefused(
            name,
            Bilingual(f"大きすぎます。{most_bytes:,} バイトまでです", f"too large: at most {most_bytes:,} bytes"),
        )
    return b"".join(pieces)


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """The contents of a file, piece by piece."""
    while piece := file.read(PIECE_BYTES):
        yield piece
