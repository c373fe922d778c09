"""The audit log (監査ログ): the closed list of what is written down, and how."""

import json
from dataclasses import dataclass, replace
from typing import Any

from ingest.access.audit_log import database
from ingest.access.audit_log.database import AppendValues
from ingest.access.audit_log.entry import AuditEntry, Wanted
from ingest.access.caller import Caller
from ingest.settings.sign_in import AuditSettings
from ingest.store.database import Database
from schemas.labelled import Labelled

SUBJECT_CHARACTERS = 300
ACTOR_CHARACTERS = 120
JSON_BYTES = 8_192
CUT = "…"
"""Stands at the end of a text that was cut."""

_BEGINS_BYTES = 4_000
"""So much is kept of a JSON that is too long. As a string in JSON it is at most twice as long."""


class Action(Labelled):
    """What can be written down. The names stand in the table; they never change."""

    SIGNED_IN = "signed_in", "サインイン", "signed in"
    SIGN_IN_REFUSED = "sign_in_refused", "サインインを拒否", "sign-in refused"
    SIGNED_OUT = "signed_out", "サインアウト", "signed out"
    ACCESS_REFUSED = "access_refused", "閲覧・操作を拒否", "access refused"
    PASSWORD_SET = "password_set", "パスワードの設定", "password set"
    SECOND_FACTOR_SET = "second_factor_set", "二段階認証の設定", "second factor set"
    SECOND_FACTOR_REMOVED = "second_factor_removed", "二段階認証の解除", "second factor removed"
    SESSION_REVOKED = "session_revoked", "セッションの取消し", "session revoked"
    PERSON_ADDED = "person_added", "利用者の登録", "person added"
    PERSON_CHANGED = "person_changed", "利用者の変更", "person changed"
    PERSON_DISABLED = "person_disabled", "利用者の停止", "person disabled"
    PERSON_RESET = "person_reset", "利用者の再設定", "person reset"
    MEMBERSHIP_CHANGED = "membership_changed", "権限の変更", "membership changed"
    ORGANISATION_CHANGED = "organisation_changed", "団体の変更", "organisation changed"
    SHARE_CHANGED = "share_changed", "共有の変更", "share changed"
    TOKEN_ADDED = "token_added", "トークンの発行", "token added"
    TOKEN_REVOKED = "token_revoked", "トークンの取消し", "token revoked"
    READER_CHANGED = "reader_changed", "Grafana の閲覧者の変更", "reader of Grafana changed"
    REGISTRY_CHANGED = "registry_changed", "台帳の変更", "registry changed"
    CORRECTION_MADE = "correction_made", "訂正", "correction made"
    CORRECTION_REVOKED = "correction_revoked", "訂正の取消し", "correction revoked"
    QUARANTINE_REPLAYED = "quarantine_replayed", "隔離分の再処理", "quarantine replayed"
    RETENTION_CHANGED = "retention_changed", "保存期間の変更", "retention changed"
    RETENTION_APPLIED = "retention_applied", "保存期間の過ぎたデータの削除", "data older than its retention deleted"
    EXPORT_MADE = "export_made", "データ一式の書き出し", "everything of a project exported"
    IMPORT_MADE = "import_made", "データ一式の取り込み", "everything of a project imported"
    REPORT_MADE = "report_made", "報告書の作成", "report made"
    REPORT_ORDERED = "report_ordered", "報告書の依頼", "report ordered"
    REPORT_CANCELLED = "report_cancelled", "報告書の依頼の取消し", "order of a report called off"
    REPORT_DISCARDED = "report_discarded", "報告書の下書きの削除", "draft of a report deleted"
    REPORT_CHECKED = "report_checked", "報告書の確認", "report checked"
    REPORT_REOPENED = "report_reopened", "報告書の確認の取消し", "check of a report taken back"
    REPORT_FROZEN = "report_frozen", "報告書の確定(提出版)", "report frozen for submission"
    SIGNING_KEY_MADE = "signing_key_made", "署名の鍵の作成", "signing key made"
    SIGNING_KEY_ROTATED = "signing_key_rotated", "署名の鍵の交換", "signing key rotated"
    REPORT_WORDS_TAKEN = "report_words_taken", "報告書の記入の取り込み", "words of a report taken over"
    REPORT_SCHEDULE_CHANGED = "report_schedule_changed", "報告書の配信予定の変更", "schedule of reports changed"
    REPORT_SENT = "report_sent", "報告書のメール送信", "report sent by e-mail"
    PLAN_CHANGED = "plan_changed", "計画の変更", "plan changed"
    WORK_LOGGED = "work_logged", "作業・停止・観測の記録", "work, stop or observation entered"
    WORK_VOIDED = "work_voided", "記録の取消し", "entry voided"
    STOP_SIGNED = "stop_signed", "計画停止の承認", "planned stop signed"
    OUTAGE_EXPLAINED = "outage_explained", "停止原因の記入", "cause of an outage entered"
    PLAN_FROZEN = "plan_frozen", "実績の確定", "period frozen"
    PLAN_REVIEWED = "plan_reviewed", "評価の記入", "review entered"
    MEASURE_CHANGED = "measure_changed", "改善措置の変更", "improvement measure changed"
    CYCLE_CLOSED = "cycle_closed", "年度の締め", "cycle of a year closed"
    WATCH_CHANGED = "watch_changed", "監視計画の変更", "watch document changed"
    WATCH_ACKNOWLEDGED = "watch_acknowledged", "監視の事象の確認", "incident of the watch acknowledged"
    WATCH_NOTED = "watch_noted", "監視の事象への対応の記入", "note on an incident entered"
    WATCH_MARKED = "watch_marked", "監視の事象の的中・空振りの記入", "incident marked as true or false"
    WATCH_MISSED = "watch_missed", "見逃しの記入", "missed event entered"
    MAINTENANCE_CHANGED = "maintenance_changed", "保守の時間帯の変更", "maintenance window changed"
    DUTY_CHANGED = "duty_changed", "当番の交代", "duty changed"
    DRILL_HELD = "drill_held", "訓練", "drill"
    DATA_DOWNLOADED = "data_downloaded", "データのダウンロード", "data downloaded"
    LOOKED_ELSEWHERE = "looked_elsewhere", "他団体のデータの閲覧", "another organisation's data looked at"
    PAGE_SEEN = "page_seen", "ページの閲覧", "page seen"
    AUDIT_FORGOTTEN = "audit_forgotten", "監査ログの期限後の削除", "audit log: old entries deleted"


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
