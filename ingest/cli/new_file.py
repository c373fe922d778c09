"""Writes a file that a command makes: whole or not at all, and never over another one unless that is said."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from ingest.errors import CallRefused
from schemas.bilingual import Bilingual, quoted


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raises CallRefused for a place that has something else already, before any work is done."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise CallRefused(
                Bilingual(f"--output {path}: フォルダー {path.parent} がありません", f"--output {path}: no such folder")
            ) from None
        return
    except OSError as error:
        raise CallRefused(quoted(f"--output {path}: {error.strerror}")) from error
    if not stat.S_ISREG(mode):
        raise CallRefused(
            Bilingual(
                f"--output {path}: ファイルではありません。標準出力は - と書きます",
                f"--output {path}: it is no file; standard output is written as -",
            )
        )
    if not force:
        raise CallRefused(_exists(path))


def write_new_file(path: Path, content: bytes, *, force: bool) -> None:
    """Write the file at once: whoever looks sees all of it, or what was there before.

    Raises CallRefused where it cannot be written, and for a file that is there already, unless `force`.
    """
    draft = path.with_name(f".{uuid4().hex}.tmp")
    try:
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            _move(draft, path, force=force)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
    except FileExistsError as error:
        raise CallRefused(_exists(path)) from error
    except OSError as error:
        raise CallRefused(quoted(f"--output {path}: {error.strerror}")) from error


def _move(draft: Path, path: Path, *, force: bool) -> None:
    if not force:
        try:
            os.link(draft, path)  # unlike a move it never replaces
        except PermissionError:  # a file system without hard links
            if path.exists():
                raise FileExistsError from None
        else:
            return
    draft.replace(path)


def _exists(path: Path) -> Bilingual:
    return Bilingual(
        f"--output {path}: すでにあります。上書きするには --force を付けてください",
        f"--output {path}: it is there already; --force overwrites it",
    )
