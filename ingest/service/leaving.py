"""What is noted about sessions of ours that are empty and gone. If that fails, the next start notes it."""

from ingest.settings.model import Settings
from ingest.store import client_id as identity
from ingest.store import worker_sessions as sessions
from ingest.store.database import connect, translated


def forget(settings: Settings, left: sessions.Left) -> None:
    """This session is no more. If that is not noted, the next start finds it empty, or gone, and forgets it then."""
    with connect(settings.database, watched=True) as connection, translated():
        sessions.forget(connection, left)


def forget_former(settings: Settings) -> None:
    """Nothing is left under the name from before there was one made by chance."""
    with connect(settings.database, watched=True) as connection, translated():
        identity.forget_former(connection)
