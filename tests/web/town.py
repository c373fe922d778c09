"""Two municipalities on one installation, with people of every role, on a really running server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ingest.access import organisations, people
from ingest.access.access import Access
from ingest.access.authority import By
from ingest.access.places import EVERYWHERE, Grant, Place
from ingest.access.roles import Role
from ingest.access.signing_in import SignedIn
from ingest.settings.model import DatabaseSettings
from ingest.settings.sign_in import SignInSettings
from ingest.store.database import open_access_pool
from ingest.web.dependencies import WebDependencies
from tests.fixtures.database import Database
from tests.web.site import wired

FUKUROI, INA = "222160", "202096"
PASSWORD = "plain words of a test"


@dataclass
class Town:
    """The accounts of the test, and who is in them by login."""

    deps: WebDependencies
    access: Access
    ids: dict[str, int]
    organisations: dict[str, int]
    database: Database

    def cookie(self, login: str) -> str:
        """A new session of this person: the value of the cookie."""
        found = self.access.start_session(self.ids[login], "test", address="192.0.2.7", browser="Firefox on Linux")
        assert isinstance(found, SignedIn)
        return found.secret


NAMES = {
    "root": ("全体 太郎", "情報政策課"),
    "chief": ("袋井 花子", "農政課"),
    "both": ("二市 次郎", "広域課"),
    "viewer": ("閲覧 三郎", "農政課"),
    "reporter": ("報告 四郎", "農政課"),
    "operator": ("運用 五郎", "農政課"),
    "fitter": ("設置 六郎", ""),
    "outsider": ("伊那 七子", "防災課"),
}


@contextmanager
def town(database: Database) -> Iterator[Town]:
    """Everybody of NAMES. `both` is admin in one city and viewer in the other, of which `outsider` is admin."""
    settings = SignInSettings()
    pool = open_access_pool(DatabaseSettings(url=database.url), max_size=4)
    access = Access(pool.connection, settings)
    try:
        with wired(database.url) as deps:
            with access.database() as connection:
                connection.execute("update project set organisation_code = %s where code = 'fukuroi'", (FUKUROI,))
                connection.execute("update project set organisation_code = %s where code = 'ina'", (INA,))
                by = By.of_command("test")
                ours = organisations.add_organisation(connection, by, FUKUROI, "袋井市")
                theirs = organisations.add_organisation(connection, by, INA, "伊那市")
                row = connection.execute("select min(network_id) from network where code like 'fukuroi%'").fetchone()
                assert row is not None
                inside = Place(organisation_id=ours)
                roles = {
                    "root": [Grant(Role.ADMIN, EVERYWHERE)],
                    "chief": [Grant(Role.ADMIN, inside)],
                    "both": [Grant(Role.ADMIN, inside), Grant(Role.VIEWER, Place(organisation_id=theirs))],
                    "viewer": [Grant(Role.VIEWER, inside)],
                    "reporter": [Grant(Role.REPORTER, inside)],
                    "operator": [Grant(Role.OPERATOR, inside)],
                    "fitter": [Grant(Role.INSTALLER, Place(network_id=int(row[0])))],
                    "outsider": [Grant(Role.ADMIN, Place(organisation_id=theirs))],
                }
                ids = {
                    login: people.add_person(connection, by, login, *NAMES[login], grants=roles[login])
                    for login in NAMES
                }
            yield Town(replace(deps, access=access), access, ids, {FUKUROI: ours, INA: theirs}, database)
    finally:
        pool.close()
