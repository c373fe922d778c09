"""Why an answer of the provider is not believed. For the log and the audit log; the browser is told none of it."""

from enum import StrEnum


class Why(StrEnum):
    """The closed list of reasons."""

    PROVIDER_AWAY = "provider_away"
    """No connection, no answer in time, or an answer that breaks HTTP."""
    PROVIDER_BUSY = "provider_busy"
    """As many threads wait for the provider already as may."""
    BAD_ANSWER = "bad_answer"
    """Not status 200, too large, compressed, or not the JSON that was asked for."""
    BAD_DESCRIPTION = "bad_description"
    """The provider's description of itself names another issuer, or addresses that are not https."""
    PROVIDER_ERROR = "provider_error"
    """The provider said `error`, as access_denied."""
    UNKNOWN_STATE = "unknown_state"
    """Not begun here, used already, or too old."""
    OTHER_BROWSER = "other_browser"
    """Begun in another browser."""
    BAD_TOKEN = "bad_token"  # noqa: S105
    """The ID token is no JWT, has another signature, or a wrong claim: the detail says which."""
    BAD_ALGORITHM = "bad_algorithm"
    """The ID token is signed by an algorithm that is not on our list."""
    UNKNOWN_KEY = "unknown_key"
    """The ID token is signed by a key that the provider does not publish."""
    NO_LOGIN = "no_login"
    """A new person without a usable value of `login_claim`."""
    LOGIN_TAKEN = "login_taken"
    """A new person whose login belongs to somebody here already: nobody takes over an account by a claim."""
    DISABLED = "disabled"
    """The person is disabled here."""


class AnswerRefused(Exception):
    """The answer is not believed: nobody is signed in."""

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why.value)
        self.why = why
        self.detail = detail
