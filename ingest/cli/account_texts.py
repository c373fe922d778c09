"""What commands about accounts have in common: who calls them, and how a link that works once is printed."""

import getpass
import os
from datetime import UTC, datetime, timedelta

from ingest.access.authority import By
from ingest.access.document import cells, database
from ingest.access.people import make_password_link
from ingest.errors import CallRefused
from ingest.settings.model import Settings
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.misfit import said_by


def by_command() -> By:
    """Who calls a command: the user of the system, who administers everything."""
    try:
        return By.of_command(getpass.getuser())
    except (OSError, KeyError):  # a container may run as a number without a name
        return By.of_command(str(os.getuid()))


def new_password_link(connection: Database, settings: Settings, login: str) -> str:
    """The address at which a person sets a password. It works once; earlier ones work no more.

    Raises CallRefused if there is no such person.
    """
    lasts = timedelta(hours=settings.sign_in.link_hours)
    secret = make_password_link(connection, by_command(), person_id_of(connection, login), datetime.now(UTC), lasts)
    return link_to(settings.web.address, secret)


def link_to(address: str, secret: str) -> str:
    """The address of a link. `address`: that of the pages, with or without a slash at its end."""
    return f"{address.rstrip('/')}/link/{secret}"


def person_id_of(connection: Database, login: str) -> int:
    """The id of a person. Raises CallRefused if there is none with this login."""
    person_id = database.person_id_of(connection, login)
    if person_id is None:
        raise CallRefused(
            Bilingual(
                f"利用者 {login} はいません。noroshi access user list で確かめてください",
                f"there is nobody called {login}: see noroshi access user list",
            )
        )
    return person_id


def login_of(text: str) -> str:
    """A login of the call as it is compared. Raises CallRefused for what can be none."""
    try:
        return cells.login(text)
    except ValueError as error:
        raise CallRefused(said_by(error)) from None


def link_lasts(settings: Settings, login: str) -> Bilingual:
    """How long a link works, and what to do afterwards."""
    hours = settings.sign_in.link_hours
    return Bilingual(
        f"このリンクは {hours} 時間以内に一度だけ使えます。過ぎたら: noroshi access user reset {login}",
        f"the link works once, within {hours} hours; after that: noroshi access user reset {login}",
    )
