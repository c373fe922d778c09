"""Checks the key that signs frozen reports: it is there, lasts, is private, and is the one the database knows."""

import os
from collections.abc import Sequence
from pathlib import Path

from ingest.doctor.database import unmigrated
from ingest.doctor.finding import Finding, bad, note, ok, warning
from ingest.doctor.installation import Installation
from ingest.errors import SettingsRefused
from ingest.report.submission.using import WRONG, KeyFile, KeyState, about_key, look_at_key
from ingest.store.database import WatchedConnection
from ingest.store.schema import migrate
from schemas.bilingual import Bilingual


def examine(installation: Installation, connection: WatchedConnection) -> Sequence[Finding]:
    """Check the file of the setting `report.key_file`, as whoever calls the doctor sees it."""
    if migrate.pending(connection):
        return [unmigrated()]
    path = installation.settings.report.key_file
    try:
        found = look_at_key(connection, path)
    except SettingsRefused as error:
        return [bad(error.said, _CALL_AS_SERVICE, path=str(path))]
    findings = [_of_state(path, found)]
    if not path.is_absolute() and found.current is None:
        findings.append(warning(_relative(path), _NAME_A_PLACE))
    elif found.state is KeyState.NONE_YET and not _can_be_made(path):
        findings.append(warning(_no_place(path), _NAME_A_PLACE))
    return findings


def _of_state(path: Path, found: KeyFile) -> Finding:
    said = about_key(path.absolute(), found)
    figures = {"state": found.state.value, "key": found.key_id, "in_use": found.current, "path": str(path)}
    if found.state in WRONG:
        return bad(said, _NOTHING_IS_FROZEN, **figures)
    if found.state is KeyState.CURRENT:
        return ok(said.ja, said.en, **figures)
    return note(said, None, **figures)


def _can_be_made(path: Path) -> bool:
    """Whether the folder is there and can be written to, or can be made in one that can."""
    folder = next((each for each in path.absolute().parents if each.exists()), None)
    return folder is not None and folder.is_dir() and os.access(folder, os.W_OK)


def _relative(path: Path) -> Bilingual:
    return Bilingual(
        f"report.key_file({path})は作業ディレクトリの中です。どこから起動するかで別の鍵になり、コンテナでは再起動で消えます",
        f"report.key_file ({path}) lies in whatever folder the service is started from; in a container it is lost",
    )


def _no_place(path: Path) -> Bilingual:
    return Bilingual(
        f"report.key_file {path} の場所に書き込めないため、提出版を確定できません",
        f"report.key_file {path}: the place cannot be written to, so no report can be frozen",
    )


_NAME_A_PLACE = Bilingual(
    "設定 report.key_file に、消えないディスクの絶対パスを書いてください",
    "write an absolute path on a disk that lasts into the setting report.key_file",
)
_NOTHING_IS_FROZEN = Bilingual(
    "直すまで、提出版は確定できません。手引きの「署名の鍵」を読んでください",
    "no report can be frozen before this is mended: see the handbook about the signing key",
)
_CALL_AS_SERVICE = Bilingual(
    "サービスの利用者で実行しているか確かめ、ファイルを直してください",
    "see whether you call this as the user of the service, and mend the file",
)
