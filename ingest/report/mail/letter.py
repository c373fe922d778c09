"""What an e-mail says, or why it is not needed any more."""

from collections.abc import Sequence
from datetime import datetime

from ingest.errors import CallRefused
from ingest.figures.project import ProjectEntry, project_of_id
from ingest.report.due import DueLine
from ingest.report.form.forms import ReportForm
from ingest.report.mail.message import Attachment, Letter
from ingest.report.mail.model import Delivery
from ingest.report.mail.queue import is_to_be_reminded, lines_of, newest_report, recipients
from ingest.report.order.drafts import kept_file, kept_report
from ingest.report.order.model import ZIP, KeptFile, KeptReport
from ingest.report.schedule.database import read_schedule
from ingest.report.schedule.model import Purpose, Schedule
from ingest.settings.mail import MailSettings
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, Month, to_jst
from schemas.report_document import ReportKind

_STATES = {
    "draft": Bilingual("案(確認前)", "draft, not checked yet"),
    "checked": Bilingual("確認済み", "checked"),
    "frozen": Bilingual("提出版", "frozen for submission"),
}


class NotNeeded(CallRefused):
    """There is no reason to send an e-mail any more."""


class NothingToSend(CallRefused):
    """What was to be sent is not there."""


_NO_RECIPIENT = NotNeeded(Bilingual("この人はもう配信先ではありません", "this person does not get it any more"))
_PAUSED = NotNeeded(Bilingual("配信の予定は停止中か、削除されています", "the schedule is paused or removed"))
_DONE = NotNeeded(Bilingual("提出済みになりました", "it was handed in meanwhile"))
_GONE = NothingToSend(Bilingual("報告書がありません(削除されました)", "the report is not there: it was deleted"))


def letter_of(
    connection: Database, delivery: Delivery, settings: MailSettings, url: str, now: datetime
) -> tuple[Letter, int | None]:
    """What is said to the recipient, and the number of the report that goes with it.

    Raises NotNeeded for somebody who does not get it any more and for a duty that is done, NothingToSend for a report
    that was deleted.
    """
    project = project_of_id(connection, delivery.project_id)
    assert project is not None  # rows of other tables refer to it
    if delivery.purpose is Purpose.TEST:
        return _test_letter(project, url), None
    schedule = _schedule_of(connection, delivery)
    if delivery.purpose is Purpose.REMINDER:
        line = _line_of(connection, delivery, now)
        return _reminder(project, line, url, to_jst(now)), None
    return _report_letter(connection, project, delivery, schedule, settings, url)


def _schedule_of(connection: Database, delivery: Delivery) -> Schedule:
    schedule = None if delivery.schedule is None else read_schedule(connection, delivery.schedule)
    if schedule is None or schedule.paused_at is not None:
        raise _PAUSED
    if delivery.address not in recipients(connection, schedule):
        raise _NO_RECIPIENT
    return schedule


def _line_of(connection: Database, delivery: Delivery, now: datetime) -> DueLine:
    for line in lines_of(connection, delivery.project_id, now):
        if (line.due.duty.code, line.due.first_day) == (delivery.kind, delivery.first_day):
            if is_to_be_reminded(line):
                return line
            break
    raise _DONE


def _test_letter(project: ProjectEntry, url: str) -> Letter:
    return Letter(
        f"【狼煙】{project.name} メールの試験",
        Bilingual(
            f"メールの設定の試験です。{project.name} の報告書と期限のお知らせは、この差出人から届きます。\n{url}",
            f"This is a test of the settings of e-mail. Reports and reminders of {project.name} come from this sender.",
        ),
    )


def _reminder(project: ProjectEntry, line: DueLine, url: str, now: datetime) -> Letter:
    due, duty = line.due, line.due.duty
    about = _about(due.about)
    left = (due.last_day - now.date()).days
    page = _page(url, f"/reports?project={project.code}")
    return Letter(
        f"【狼煙】期限のお知らせ {due.last_day:%Y-%m-%d} {project.name} {duty.ja}",
        Bilingual(
            f"{project.name}\n\n{duty.ja}({about.ja})\n期限: {due.last_day:%Y年%m月%d日}(あと{left}日)\n"
            f"{'まだ始まっていません' if line.report is None else f'いまの状態: {_STATES[line.report.state].ja}'}\n\n"
            f"{page.ja}\n提出版を確定すると、このお知らせは届きません。",
            f"{project.name}\n\n{duty.en} ({about.en})\nDue: {due.last_day:%Y-%m-%d} (in {left} days)\n"
            f"{'Not begun yet' if line.report is None else f'State: {_STATES[line.report.state].en}'}\n\n"
            f"{page.en}\nOnce the report is frozen there are no reminders of it.",
        ),
    )


def _report_letter(
    connection: Database,
    project: ProjectEntry,
    delivery: Delivery,
    schedule: Schedule,
    settings: MailSettings,
    url: str,
) -> tuple[Letter, int]:
    report = _report_of(connection, delivery)
    files = files_to_send(report, schedule.wanted.forms)
    size = sum(file.size for file in files)
    attached = bool(files) and size <= settings.attachment_mib * 2**20
    page = _page(url, f"/reports/{report.number}")
    state = _STATES[report.state]
    revision = "" if report.revision is None else f" 第{report.revision}版"
    how = _files_said(files, attached=attached, size=size)
    letter = Letter(
        f"【狼煙】{project.name} {report.title} {report.period}({state.ja}{revision})",
        Bilingual(
            f"{project.name} の{report.title}({report.period})をお送りします。\n状態: {state.ja}{revision}\n\n"
            f"{how.ja}\n\n{page.ja}\n配信の予定により自動で送っています。",
            f"The {report.kind.label.en} of {project.name} ({report.first_day} to {report.last_day}).\n"
            f"State: {state.en}\n\n{how.en}\n\n{page.en}\nSent automatically, by a schedule of reports.",
        ),
    )
    if attached:
        letter = letter._replace(attachments=[_attachment(connection, delivery, report, file) for file in files])
    return letter, report.number


def _files_said(files: Sequence[KeptFile], *, attached: bool, size: int) -> Bilingual:
    names = "\n".join(f"・{file.name}" for file in files)
    if attached:
        return Bilingual(f"添付ファイル:\n{names}", f"Attached:\n{names}")
    if not files:  # somebody made it anew, in other forms
        return Bilingual(
            "選んだ形式のファイルがありません。画面で確かめてください。",
            "It has no file in the forms that were chosen: look at the page.",
        )
    return Bilingual(
        f"添付できる大きさを超えるため、画面からダウンロードしてください({size / 2**20:.1f} MiB)。",
        f"The files are too large to be attached ({size / 2**20:.1f} MiB): download them from the page.",
    )


def _report_of(connection: Database, delivery: Delivery) -> KeptReport:
    """The report that was queued, or the newest of its period if a newer draft took its place."""
    if delivery.report is not None:
        return kept_report(connection, delivery.project_id, delivery.report)
    found = newest_report(connection, delivery.project_id, delivery.kind, delivery.first_day, delivery.last_day)
    if found is None:
        raise _GONE
    return found


def files_to_send(report: KeptReport, forms: Sequence[ReportForm]) -> list[KeptFile]:
    """The files of a report in the forms of a schedule; of the set of a year its ZIP, which has all of them."""
    wanted = {ZIP} if report.kind is ReportKind.SET else {form.value for form in forms}
    return [file for file in report.files if file.form in wanted]


def _attachment(connection: Database, delivery: Delivery, report: KeptReport, file: KeptFile) -> Attachment:
    content = kept_file(connection, delivery.project_id, report.number, file.form)
    media_type = "application/zip" if file.form == ZIP else ReportForm(file.form).media_type
    return Attachment(file.name, media_type, content)


def _about(about: Month | FiscalYear) -> Bilingual:
    if isinstance(about, Month):
        return Bilingual(f"{about.year}年{about.month}月分", f"{about.year}-{about.month:02}")
    return Bilingual(f"{about.year}年度分", f"fiscal year {about.year}")


def _page(url: str, path: str) -> Bilingual:
    """Where the page is; without an address in the settings, its name."""
    if not url:
        return Bilingual("狼煙の画面「報告」で見られます。", "It is on the page of reports.")
    return Bilingual(f"画面: {url}{path}", f"Page: {url}{path}")
