"""The audit log (監査ログ): the closed list of what is written down, and how."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ingest.access.audit_log import database
from ingest.access.audit_log.database import AppendValues
from ingest.access.audit_log.entry import AuditEntry, Wanted
from ingest.access.caller import Caller
from ingest.settings.sign_in import AuditSettings
from ingest.store.database import Database
from schemas.bilingual import Bilingual

SUBJECT_CHARACTERS = 300
ACTOR_CHARACTERS = 120
JSON_BYTES = 8_192
CUT = "…"
"""Stands at the end of a text that was cut."""

_BEGINS_BYTES = 4_000
"""So much is kept of a JSON that is too long. As a string in JSON it is at most twice as long."""


class Action(StrEnum):
    """What can be written down. The names stand in the table; they never change."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    ACCESS_REFUSED = "access_refused"
    PASSWORD_SET = "password_set"  # noqa: S105
    SECOND_FACTOR_SET = "second_factor_set"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    SESSION_REVOKED = "session_revoked"
    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    PERSON_DISABLED = "person_disabled"
    PERSON_RESET = "person_reset"
    MEMBERSHIP_CHANGED = "membership_changed"
    ORGANISATION_CHANGED = "organisation_changed"
    SHARE_CHANGED = "share_changed"
    TOKEN_ADDED = "token_added"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    READER_CHANGED = "reader_changed"
    REGISTRY_CHANGED = "registry_changed"
    CORRECTION_MADE = "correction_made"
    CORRECTION_REVOKED = "correction_revoked"
    QUARANTINE_REPLAYED = "quarantine_replayed"
    RETENTION_CHANGED = "retention_changed"
    RETENTION_APPLIED = "retention_applied"
    EXPORT_MADE = "export_made"
    IMPORT_MADE = "import_made"
    REPORT_MADE = "report_made"
    PLAN_CHANGED = "plan_changed"
    WORK_LOGGED = "work_logged"
    WORK_VOIDED = "work_voided"
    STOP_SIGNED = "stop_signed"
    OUTAGE_EXPLAINED = "outage_explained"
    PLAN_FROZEN = "plan_frozen"
    PLAN_REVIEWED = "plan_reviewed"
    MEASURE_CHANGED = "measure_changed"
    CYCLE_CLOSED = "cycle_closed"
    DATA_DOWNLOADED = "data_downloaded"
    LOOKED_ELSEWHERE = "looked_elsewhere"
    PAGE_SEEN = "page_seen"
    AUDIT_FORGOTTEN = "audit_forgotten"

    @property
    def label(self) -> Bilingual:
        """The action as people call it."""
        return _LABELS[self]


_LABELS: Mapping[Action, Bilingual] = {
    Action.SIGNED_IN: Bilingual("サインイン", "signed in"),
    Action.SIGN_IN_REFUSED: Bilingual("サインインを拒否", "sign-in refused"),
    Action.SIGNED_OUT: Bilingual("サインアウト", "signed out"),
    Action.ACCESS_REFUSED: Bilingual("閲覧・操作を拒否", "access refused"),
    Action.PASSWORD_SET: Bilingual("パスワードの設定", "password set"),
    Action.SECOND_FACTOR_SET: Bilingual("二段階認証の設定", "second factor set"),
    Action.SECOND_FACTOR_REMOVED: Bilingual("二段階認証の解除", "second factor removed"),
    Action.SESSION_REVOKED: Bilingual("セッションの取消し", "session revoked"),
    Action.PERSON_ADDED: Bilingual("利用者の登録", "person added"),
    Action.PERSON_CHANGED: Bilingual("利用者の変更", "person changed"),
    Action.PERSON_DISABLED: Bilingual("利用者の停止", "person disabled"),
    Action.PERSON_RESET: Bilingual("利用者の再設定", "person reset"),
    Action.MEMBERSHIP_CHANGED: Bilingual("権限の変更", "membership changed"),
    Action.ORGANISATION_CHANGED: Bilingual("団体の変更", "organisation changed"),
    Action.SHARE_CHANGED: Bilingual("共有の変更", "share changed"),
    Action.TOKEN_ADDED: Bilingual("トークンの発行", "token added"),
    Action.TOKEN_REVOKED: Bilingual("トークンの取消し", "token revoked"),
    Action.READER_CHANGED: Bilingual("Grafana の閲覧者の変更", "reader of Grafana changed"),
    Action.REGISTRY_CHANGED: Bilingual("台帳の変更", "registry changed"),
    Action.CORRECTION_MADE: Bilingual("訂正", "correction made"),
    Action.CORRECTION_REVOKED: Bilingual("訂正の取消し", "correction revoked"),
    Action.QUARANTINE_REPLAYED: Bilingual("隔離分の再処理", "quarantine replayed"),
    Action.RETENTION_CHANGED: Bilingual("保存期間の変更", "retention changed"),
    Action.RETENTION_APPLIED: Bilingual("保存期間の過ぎたデータの削除", "data older than its retention deleted"),
    Action.EXPORT_MADE: Bilingual("データ一式の書き出し", "everything of a project exported"),
    Action.IMPORT_MADE: Bilingual("データ一式の取り込み", "everything of a project imported"),
    Action.REPORT_MADE: Bilingual("報告書の作成", "report made"),
    Action.PLAN_CHANGED: Bilingual("計画の変更", "plan changed"),
    Action.WORK_LOGGED: Bilingual("作業・停止・観測の記録", "work, stop or observation entered"),
    Action.WORK_VOIDED: Bilingual("記録の取消し", "entry voided"),
    Action.STOP_SIGNED: Bilingual("計画停止の承認", "planned stop signed"),
    Action.OUTAGE_EXPLAINED: Bilingual("停止原因の記入", "cause of an outage entered"),
    Action.PLAN_FROZEN: Bilingual("実績の確定", "period frozen"),
    Action.PLAN_REVIEWED: Bilingual("評価の記入", "review entered"),
    Action.MEASURE_CHANGED: Bilingual("改善措置の変更", "improvement measure changed"),
    Action.CYCLE_CLOSED: Bilingual("年度の締め", "cycle of a year closed"),
    Action.DATA_DOWNLOADED: Bilingual("データのダウンロード", "data downloaded"),
    Action.LOOKED_ELSEWHERE: Bilingual("他団体のデータの閲覧", "another organisation's data looked at"),
    Action.PAGE_SEEN: Bilingual("ページの閲覧", "page seen"),
    Action.AUDIT_FORGOTTEN: Bilingual("監査ログの期限後の削除", "audit log: old entries deleted"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written down.

    `actor`: a login, `token:<id> <name>`, `command:<system user>`, `service`, or empty for somebody unknown.
    `organisation`, `project`: codes of whose data it is about. `before`, `after`: anything JSON can say, without
    secrets and payloads.
    """

    action: Action
    subject: str
    actor: str = ""
    department: str = ""
    organisation: str | None = None
    project: str | None = None
    before: object = None
    after: object = None


def append(connection: Database, entry: Entry, address: str | None = None) -> int:
    """Add an entry in the transaction of `connection`, and return its number.

    Do it last in the transaction: whoever adds the next entry waits until this transaction ends. What is too long is
    cut: `subject` to 300 characters, `actor` and the other names to 120; of `before` and `after` that are longer than
    8 kB as JSON only the beginning is kept, as `{"begins": "...", "of_bytes": 9999}`.
    """
    values = AppendValues(
        actor=_bounded(entry.actor, ACTOR_CHARACTERS), department=_bounded(entry.department, ACTOR_CHARACTERS),
        organisation=_bounded_or_none(entry.organisation), project=_bounded_or_none(entry.project),
        action=entry.action.value, subject=_bounded(entry.subject, SUBJECT_CHARACTERS),
        before=_as_json(entry.before), after=_as_json(entry.after), address=_bounded_or_none(address),
    )  # fmt: skip
    return database.append_row(connection, values)


def entry_of(caller: Caller, action: Action, subject: str, **more: Any) -> Entry:
    """The entry of something that a caller of pages or API did; `more`: other fields of it.

    Without `organisation` it is about the organisation that the caller looks at.
    """
    entry = Entry(action, subject, caller.actor, caller.department, _looked_at(caller))
    return replace(entry, **more)


def kept_address(settings: AuditSettings, address: str) -> str | None:
    """The address to give to `append`; None if the settings say that addresses are not kept at all."""
    return address if settings.address_days else None


def read_entries(connection: Database, wanted: Wanted) -> list[AuditEntry]:
    """The wanted entries, newest first, at most `wanted.limit`. The next page: `below` the last number of this one."""
    return database.page_of_entries(connection, wanted)


def _looked_at(caller: Caller) -> str | None:
    if caller.chosen is not None:
        return next((seat.code for seat in caller.seats if seat.organisation_id == caller.chosen), None)
    if caller.everywhere is None and len(caller.seats) == 1:
        return caller.seats[0].code
    return None


def _as_json(value: object) -> str | None:
    """JSON with sorted keys; what JSON has no word for, as a time, is written as a string."""
    if value is None:
        return None
    text = _storable(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
    content = text.encode()
    if len(content) <= JSON_BYTES:
        return text
    begins = content[:_BEGINS_BYTES].decode(errors="ignore") + CUT
    return json.dumps({"begins": begins, "of_bytes": len(content)}, ensure_ascii=False)


def _bounded_or_none(text: str | None) -> str | None:
    return None if text is None else _bounded(text, ACTOR_CHARACTERS)


def _bounded(text: str, characters: int) -> str:
    stored = _storable(text)
    return stored if len(stored) <= characters else stored[: characters - len(CUT)] + CUT


def _storable(text: str) -> str:
    """The text without what PostgreSQL cannot store: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "\ufffd").encode(errors="backslashreplace").decode()
