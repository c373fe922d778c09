"""Secrets of channels stand in files, never in a document: their first lines, read anew for each message."""

from pathlib import Path

from ingest.errors import CallRefused
from ingest.runtime.bounded_files import FileRefused, read_regular
from schemas.bilingual import Bilingual, quoted

MOST_BYTES = 16_384


class SecretMissing(CallRefused):
    """A file of a channel that cannot be used; its message never has anything of the content."""


def first_line(path: Path) -> str:
    """The first line of the file, without blanks around it. Raises SecretMissing if there is none."""
    try:
        lines = read_regular(path, MOST_BYTES).decode().splitlines()
    except (OSError, FileRefused) as error:
        why = error.reason if isinstance(error, FileRefused) else quoted(error.strerror or "")
        raise SecretMissing(Bilingual(f"{path} を読めません: {why.ja}", f"{path} cannot be read: {why.en}")) from None
    except UnicodeDecodeError:
        lines = []
    if not lines or not lines[0].strip():
        raise SecretMissing(Bilingual(f"{path} の一行目が空です", f"the first line of {path} is empty"))
    return lines[0].strip()
