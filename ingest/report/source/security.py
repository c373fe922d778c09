"""What the service itself knows of its security (情報セキュリティ): accounts, refusals, changes of rights."""

from datetime import datetime
from functools import partial

from ingest.access.audit import Action
from ingest.figures.report.people import ReportAudit, report_audit, report_people
from ingest.report.source.base import Asked, FieldsRead, Source
from ingest.report.source.body import keep
from ingest.report.source.proof import evidence_of, figure_cell
from schemas.bilingual import Bilingual
from schemas.japan import JST, to_jst

_NO_PEOPLE = Bilingual("利用者の一覧を読めません", "the list of people may not be read")
_NO_LOG = Bilingual("この期間の監査ログがありません", "the audit log has nothing of this period")
_NONE_DONE = Bilingual("この期間にありません", "there was none in this period")

_ACCOUNT_CHANGES = (
    Action.PERSON_ADDED, Action.PERSON_CHANGED, Action.PERSON_DISABLED, Action.MEMBERSHIP_CHANGED,
)  # fmt: skip
_COUNTS: dict[str, tuple[Action, ...]] = {
    "sign_ins": (Action.SIGNED_IN,),
    "refused": (Action.SIGN_IN_REFUSED, Action.ACCESS_REFUSED),
    "account_changes": _ACCOUNT_CHANGES,
    "token_changes": (Action.TOKEN_ADDED, Action.TOKEN_REVOKED),
    "registry_changes": (Action.REGISTRY_CHANGED,),
    "exports": (Action.EXPORT_MADE, Action.DATA_DOWNLOADED),
}


def read_security(asked: Asked) -> FieldsRead:
    """Accounts as they are now; entries of the audit log of the period."""
    first = asked.first_day
    start, end = datetime(first.year, first.month, first.day, tzinfo=JST), asked.period.until
    people = keep(asked, "people", partial(report_people, asked.connection, asked.project.code))
    entries = report_audit(asked.connection, asked.project.code, start, end)
    listed = evidence_of(asked, "people", "figure_report_people", len(people or ()), project_code=asked.project.code)
    logged = evidence_of(
        asked, "audit", "figure_report_audit", len(entries or ()), project_code=asked.project.code, from_=start, to_=end
    )
    cells = {
        "accounts": figure_cell(None if people is None else sum(each.people for each in people), listed, _NO_PEOPLE),
        "second_factor": figure_cell(
            None if people is None else sum(each.second_factor for each in people), listed, _NO_PEOPLE
        ),
    }
    cells |= {
        name: figure_cell(_count(entries, actions), logged, _NO_LOG) for name, actions in _COUNTS.items()
    }  # fmt: skip
    cells["last_account_change"] = figure_cell(_last(entries), logged, _NONE_DONE if entries else _NO_LOG)
    cells["audit_entries"] = figure_cell(sum(each.entries for each in entries) if entries else None, logged, _NO_LOG)
    return FieldsRead(cells, (listed, logged))


def _count(entries: list[ReportAudit] | None, actions: tuple[Action, ...]) -> int | None:
    """How many entries of these kinds; None where the log has nothing of the period, which is not 0."""
    if not entries:
        return None
    return sum(each.entries for each in entries if each.action in {action.value for action in actions})


def _last(entries: list[ReportAudit] | None) -> datetime | None:
    changes = {action.value for action in _ACCOUNT_CHANGES}
    found = [each.last_at for each in entries or () if each.action in changes]
    return to_jst(max(found)) if found else None


SECURITY = Source("security", "fields", read_security, {
    "accounts": "利用者(アカウント)数", "second_factor": "うち二段階認証・外部認証", "sign_ins": "サインイン",
    "refused": "拒否したサインイン・操作", "account_changes": "利用者・権限の変更",
    "last_account_change": "最後の利用者・権限の変更", "token_changes": "トークンの発行・取消し",
    "registry_changes": "台帳の変更", "exports": "データの書き出し・ダウンロード", "audit_entries": "監査ログの件数",
})  # fmt: skip
