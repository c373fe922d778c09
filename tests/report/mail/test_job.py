"""The job as the service runs it, beside the job that makes reports: from a schedule to a workbook in a mailbox."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from openpyxl import load_workbook

from ingest.errors import SettingsRefused
from ingest.report.schedule.model import When
from ingest.service.mail_jobs import mail_jobs
from ingest.service.report_jobs import report_jobs
from ingest.settings.mail import MailSettings
from ingest.settings.model import DatabaseSettings
from ingest.settings.report import ReportSettings
from ingest.store.database import Database as Connection
from schemas.japan import now_jst
from tests.fixtures.database import Database
from tests.fixtures.post_office import PostOffice
from tests.report.mail.conftest import MONTHLY, URL, schedule


def test_a_schedule_becomes_a_workbook_in_a_mailbox(
    project: Database, connection: Connection, post_office: PostOffice
) -> None:
    assert MONTHLY.when is not None
    due = now_jst() - timedelta(days=3)  # the table allows no day after the 28th, and a month may have just begun
    monthly = replace(MONTHLY, when=When(MONTHLY.when.about, min(due.day, 28)), role=None)
    broken = schedule(connection, monthly, due - timedelta(days=31))
    connection.execute("update report_schedule set about = 'last_year' where report_schedule_id = %s", (broken,))
    schedule(connection, monthly, due - timedelta(days=31))
    (job,) = mail_jobs(post_office.settings(), URL)
    (maker,) = report_jobs(DatabaseSettings(url=project.url), ReportSettings(key_file=Path("/nonexistent/key.pem")))
    assert job.run(connection, Event()) == "0 queued, 0 sent"
    assert maker.run(connection, Event()) == "1 orders"
    assert job.run(connection, Event()) == "1 queued, 1 sent"
    assert job.run(connection, Event()) == "0 queued, 0 sent"
    (message,) = post_office.messages
    (file,) = message.iter_attachments()
    name = file.get_filename()
    assert name is not None
    assert name.startswith("月次運用報告_")
    assert load_workbook(io.BytesIO(file.get_content())).sheetnames[0] != ""


def test_without_a_server_nothing_is_done_and_wrong_settings_end_the_start(connection: Connection) -> None:
    (job,) = mail_jobs(MailSettings(), URL)
    assert "no mail server" in job.run(connection, Event())
    with pytest.raises(SettingsRefused, match="password_file"):
        mail_jobs(MailSettings(host="h", sender="a@b.jp", username="n", password_file=Path("/nonexistent")), URL)
