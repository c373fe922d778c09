"""Why a request was not let in: raised by the guard, answered by `problems` as a page or as problem+json."""

from enum import Enum, auto


class Why(Enum):
    """The closed list of reasons."""

    UNKNOWN = auto()
    """Nobody is known, and this needs somebody."""
    BAD_TOKEN = auto()
    """A token that expired, was revoked, or never was."""
    BAD_PROXY = auto()
    """A trusted proxy names nobody, or several."""
    NOT_ADMITTED = auto()
    """A trusted proxy names somebody who has no account here, or whose account is disabled."""
    NOT_ALLOWED = auto()
    """Somebody is known, and may not."""
    ELSEWHERE = auto()
    """Their first page is another than the overview."""
    SCOPE = auto()
    """The token is not for this."""
    FORGED = auto()
    """A form that was not sent from a page of ours."""
    UNCLAIMED = auto()
    """Nobody administers this installation yet, and the request comes from elsewhere."""


class TurnedAwayError(Exception):
    """The request was not let in. `detail`: what a program is told; people get a page of their language."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(detail)
        self.why = why
        self.detail = detail
