"""The SQL around an entry of a refused sign-in."""

from ingest.store.database import Database


def hurry(connection: Database) -> None:
    """Let this transaction not wait for the disk: if the server dies now, a refusal of this moment is not on record.

    So an entry that is written takes as long as one that is taken back.
    """
    connection.execute("set local synchronous_commit = off")
