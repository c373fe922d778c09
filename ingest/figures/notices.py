"""What every page says above its content: that figures are not yet what they will be, for example."""

from psycopg import Connection

from schemas.bilingual import Bilingual


def notices(connection: Connection[tuple[object, ...]]) -> list[Bilingual]:
    """The notices that stand, the oldest first."""
    query = "select ja, en from notice order by noted_at, topic"
    return [Bilingual(str(ja), str(en)) for ja, en in connection.execute(query).fetchall()]
