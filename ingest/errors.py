"""One error tree. Each class answers a single question: what should the caller do?"""

from schemas.rejection import RejectionReason


class NoroshiError(Exception):
    """Everything this program raises on purpose."""


class SettingsRefused(NoroshiError):
    """A setting is wrong: tell the operator which one and what to write instead, then stop (exit code 2)."""


class CallRefused(NoroshiError):
    """A command was called with something that cannot work: say so and stop (exit code 2)."""


class StoreUnavailable(NoroshiError):
    """The database cannot take this now; the same batch may succeed later. Keep it and be loud."""


class StoreTooSlow(StoreUnavailable):
    """The database stopped a statement that took too long. The same may succeed later, or when less is asked for."""


class ReaderBusy(NoroshiError):
    """As much is read at the moment as may be. Ask again in a moment."""


class BatchRefused(NoroshiError):
    """The database will never take this batch as it stands. Split it, or set it aside."""


class HandoverIncomplete(NoroshiError):
    """Files or database do not have all of a hand-over: the lines before it say what (exit code 1)."""


class BrokerUnavailable(NoroshiError):
    """No connection to the broker at the moment. Try again with back-off."""


class BrokerRefused(NoroshiError):
    """The broker answered and said no (credentials, protocol, rights). Waiting alone will not help."""


class Undecodable(NoroshiError):
    """These bytes mean nothing here: quarantine the message with this reason, and go on."""

    def __init__(self, reason: RejectionReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail
