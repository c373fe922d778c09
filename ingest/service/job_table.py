"""The one table of background jobs. A room that has a job adds its rows here, and nothing else is needed."""

from ingest.jobs.schedule import Job, store_jobs
from ingest.service.access_jobs import access_jobs
from ingest.service.audit_jobs import audit_jobs
from ingest.service.lookout import Lookout
from ingest.service.mail_jobs import mail_jobs
from ingest.service.outage_jobs import outage_jobs
from ingest.service.plan_check_jobs import plan_check_jobs
from ingest.service.report_jobs import report_jobs
from ingest.service.watch_jobs import watch_jobs
from ingest.settings.model import Settings


def all_jobs(settings: Settings, lookout: Lookout) -> tuple[Job, ...]:
    """Everything that runs beside the ingestion. Jobs of one lane run in this order when several are due."""
    return (
        *store_jobs(settings.retention),
        *audit_jobs(settings.audit),
        *access_jobs(settings.sign_in),
        *plan_check_jobs(),
        *outage_jobs(),
        *report_jobs(settings.database, settings.report),
        *mail_jobs(settings.mail, settings.web.url),
        *watch_jobs(settings.watch),
        *lookout.jobs(),
    )
