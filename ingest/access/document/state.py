"""What an administrator of the database has to run once, so that the pages can stand behind the wall."""

from ingest.access.document import database
from ingest.store.database import Database, translated
from schemas.bilingual import Bilingual

PAGES_ROLE = "noroshi_pages"
"""The role of the database that the pages take: what it sees depends on who asks."""

NO_PAGES_ROLE = Bilingual(
    f"データベースに役 {PAGES_ROLE} がありません。この役がないと、画面は団体ごとの壁の内側で読めません",
    f"the database has no role {PAGES_ROLE}, without which the pages cannot read behind the wall between organisations",
)

MAKE_PAGES_ROLE = Bilingual(
    "データベースの管理者(superuser)で次を一度だけ実行し、そのあと noroshi db upgrade を実行してください",
    "run this once as a superuser of the database, then noroshi db upgrade",
)

SQL_OF_PAGES_ROLE = (
    "create role noroshi_walled nologin;",
    "create role noroshi_pages nologin;",
    "grant noroshi_pages to noroshi_writer with inherit false, set true;",
    "grant noroshi_pages to noroshi with inherit false, set true;",
    "grant noroshi_walled to noroshi with admin true, inherit false, set false;",
)
"""As deploy/timescaledb/init/100_noroshi.sh makes them: noroshi owns the tables, noroshi_writer is the service."""


def pages_role_is_there(connection: Database) -> bool:
    """Whether the role exists that the pages take."""
    with translated(), connection.transaction():
        return database.role_exists(connection, PAGES_ROLE)
