"""From a draft to a submission: who checks it (確認), who has it frozen (提出版), who has it compared."""

from datetime import datetime

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import FORMS
from ingest.report.order.database import codes_of_project, count_open, lock_orders, open_order_about
from ingest.report.order.model import Placed, Purpose
from ingest.report.order.orders import MOST_OPEN_OF_PROJECT, PROJECT_HAS_MANY, REPORT
from ingest.report.submission import database
from ingest.report.submission.database import Row
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.report_document import ReportKind

LONGEST_REASON = 500

NO_DRAFT = ChangeRefused(Bilingual("下書きではありません", "it is no draft"))
NOT_CHECKED = ChangeRefused(
    Bilingual("確認済みの報告書ではありません。先に確認してください", "the report was not checked: check it first")
)
NOT_FROZEN = ChangeRefused(Bilingual("提出版ではありません", "it is no frozen report"))
NEEDS_REASON = ChangeRefused(
    Bilingual(
        "この期間の提出版がすでにあります。訂正の理由を書いてください",
        "the period has a frozen report already: say why there is to be a new revision",
    )
)
IS_A_SET = ChangeRefused(
    Bilingual(
        "年度の一式は確定できません。中の報告書を一つずつ確定してください",
        "the set of a year is not frozen itself: freeze its reports one by one",
    )
)
STILL_RUNS = ChangeRefused(
    Bilingual(
        "期間の途中で作った報告書です。期間が終わってから作り直して、確定してください",
        "the report was made before its period was over: make it again after the end, and freeze that",
    )
)


def check_report(connection: Database, by: By, project: ProjectRef, number: int, now: datetime) -> None:
    """Somebody has read a draft and answers for it. A newer draft does not replace it any more.

    Raises NotThere, and ChangeRefused for what is no draft, and for the set of a year.
    """
    with connection.transaction():
        row = _row(connection, project, number)
        if row.state != "draft":
            raise NO_DRAFT
        if row.kind is ReportKind.SET:
            raise IS_A_SET
        database.note_checked(connection, number, by.actor, now)
        _note(connection, by, project, row, Action.REPORT_CHECKED)


def reopen_report(connection: Database, by: By, project: ProjectRef, number: int) -> None:
    """Take a check back: the report is a draft again. Raises NotThere, and ChangeRefused for what is not checked."""
    with connection.transaction():
        row = _row(connection, project, number)
        if row.state != "checked":
            raise NOT_CHECKED
        if open_order_about(connection, number, Purpose.FREEZE) is not None:
            raise ChangeRefused(Bilingual("いま確定しているところです", "it is being frozen now"))
        database.note_reopened(connection, number)
        _note(connection, by, project, row, Action.REPORT_REOPENED)


def order_freeze(connection: Database, by: By, project: ProjectRef, number: int, reason: str = "") -> Placed:
    """Have a checked report frozen soon. `reason`: why, where the period has a frozen report already.

    The same order again is answered with the number it has. Raises NotThere, and ChangeRefused for what cannot be
    frozen.
    """
    with connection.transaction():
        lock_orders(connection, project.project_id)
        row = _row(connection, project, number)
        already = open_order_about(connection, number, Purpose.FREEZE)
        if already is not None:
            return Placed(already, already=True)
        refuse_freezing(connection, project.project_id, row, reason)
        return Placed(_place(connection, by, project, row, Purpose.FREEZE, reason.strip()), already=False)


def order_comparison(connection: Database, by: By, project: ProjectRef, number: int) -> Placed:
    """Have a frozen report held against what would be computed now. Raises NotThere, and ChangeRefused."""
    with connection.transaction():
        lock_orders(connection, project.project_id)
        row = _row(connection, project, number)
        already = open_order_about(connection, number, Purpose.COMPARE)
        if already is not None:
            return Placed(already, already=True)
        if row.state != "frozen":
            raise NOT_FROZEN
        return Placed(_place(connection, by, project, row, Purpose.COMPARE, ""), already=False)


def refuse_freezing(connection: Database, project_id: int, row: Row, reason: str) -> Row | None:
    """Raises ChangeRefused for what cannot be frozen; the revision that it will replace, if there is one."""
    if row.state != "checked":
        raise NOT_CHECKED
    period = row.document["period"]
    if not period["over"] and period["span"] != "day":
        raise STILL_RUNS
    before = database.newest_frozen(connection, project_id, row.kind, row.first_day, row.last_day)
    if before is None:
        return None
    if not reason.strip():
        raise NEEDS_REASON
    if len(reason) > LONGEST_REASON:
        raise ChangeRefused(
            Bilingual(f"理由は{LONGEST_REASON}字までです", f"a reason has at most {LONGEST_REASON} characters")
        )
    if before.frozen_at is not None and row.made_at < before.frozen_at:
        raise ChangeRefused(
            Bilingual(
                f"第{before.revision}版を確定する前に作った報告書です。作り直してください",
                f"the report was made before revision {before.revision} was frozen: make it again",
            )
        )
    return before


def _row(connection: Database, project: ProjectRef, number: int) -> Row:
    row = database.read_row(connection, project.project_id, number, lock=True)
    if row is None:
        raise NotThere(REPORT)
    return row


def _place(connection: Database, by: By, project: ProjectRef, row: Row, purpose: Purpose, reason: str) -> int:
    of_project, _ = count_open(connection, project.project_id, by.actor)
    if of_project >= MOST_OPEN_OF_PROJECT:
        raise PROJECT_HAS_MANY
    forms = [form.value for form in FORMS] if purpose is Purpose.FREEZE else []
    number = database.insert_order_about(connection, project.project_id, row, purpose, forms, by.actor, reason)
    after = {"order": number, "purpose": purpose.value, "report": row.report_id, "reason": reason}
    _, organisation = codes_of_project(connection, project.project_id)
    entry = by.entry(Action.REPORT_ORDERED, row.kind.value, organisation, project.code, after=after)
    audit.append(connection, entry, by.address)
    return number


def _note(connection: Database, by: By, project: ProjectRef, row: Row, action: Action) -> None:
    _, organisation = codes_of_project(connection, project.project_id)
    after = {"report": row.report_id, "period": row.document["period"]["label"], "sha256": row.digest.hex()}
    audit.append(connection, by.entry(action, row.kind.value, organisation, project.code, after=after), by.address)
