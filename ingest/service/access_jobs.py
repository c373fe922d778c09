"""The background job of the accounts."""

from datetime import UTC, datetime
from functools import partial
from threading import Event

from ingest.access.tidy import delete_what_is_over
from ingest.jobs.schedule import Job, Lane
from ingest.settings.sign_in import SignInSettings
from ingest.store.database import Database
from schemas.bilingual import Bilingual

DAY_S = 86_400


def access_jobs(settings: SignInSettings) -> tuple[Job, ...]:
    """Delete what signing in leaves behind."""
    return (
        Job(
            "access_tidy", Lane.LONG, DAY_S, partial(_tidy, settings),
            Bilingual("サインインの後片付け", "Tidying up after sign-ins"),
            Bilingual("使い終えたリンク、終わったセッション、期限の切れたサインインの途中、古くなった失敗の数を消します。",
                      "Deletes used links, sessions that ended, sign-ins never finished, old counts of guesses."),
        ),
    )  # fmt: skip


def _tidy(settings: SignInSettings, connection: Database, _stop: Event) -> str:
    gone = delete_what_is_over(connection, settings, datetime.now(UTC))
    return f"{gone.links} links, {gone.sessions} sessions, {gone.requests} requests and {gone.guesses} counts deleted"
