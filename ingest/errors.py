"""One error tree. Each class answers a single question: what should the caller do?"""

from schemas.bilingual import Bilingual
from schemas.rejection import RejectionReason


class NoroshiError(Exception):
    """Everything this program raises on purpose. As a string it is in the language of the process."""

    def __init__(self, said: Bilingual) -> None:
        super().__init__(said)
        self._said = said

    @property
    def said(self) -> Bilingual:
        """The sentence in both languages."""
        return self._said

    def __str__(self) -> str:
        """The sentence in the language of the process."""
        return str(self.said)


class SettingsRefused(NoroshiError):
    """A setting is wrong: tell the operator which one and what to write instead, then stop (exit code 2)."""


class CallRefused(NoroshiError):
    """A command was called with something that cannot work: say so and stop (exit code 2)."""


class StoreUnavailable(NoroshiError):
    """The database cannot take this now; the same batch may succeed later. Keep it and be loud."""


class StoreUnfit(StoreUnavailable):
    """This server will never do, however long one waits: at the start, stop and say what to do (exit code 1)."""


class StoreTooSlow(StoreUnavailable):
    """The database stopped a statement that took too long. The same may succeed later, or when less is asked for."""


class ReaderBusy(NoroshiError):
    """Too many requests at once: ask again after `retry_after_s` seconds."""

    def __init__(self, why: Bilingual, retry_after_s: int) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


class IntakeSilent(NoroshiError):
    """The process that takes messages does not answer, so nothing can be said of it now. Ask again in a moment."""


class BatchRefused(NoroshiError):
    """The database will never take this batch as it stands. Split it, or quarantine it."""


class HandoverIncomplete(NoroshiError):
    """Files or database do not have all of a hand-over: the lines before it say what (exit code 1)."""


class ReportNotVerified(NoroshiError):
    """A file is no frozen report: the sentence says why (exit code 1)."""


class AuditLogWrong(NoroshiError):
    """The audit log is not as it was written: the lines before it say what is wrong (exit code 1)."""


class FrozenWrong(NoroshiError):
    """What was frozen is not what it was: the lines before it say what is wrong (exit code 1)."""


class BrokerUnavailable(NoroshiError):
    """No connection to the broker at the moment. Try again with back-off."""


class BrokerRefused(NoroshiError):
    """The broker answered and said no (credentials, protocol, rights). Waiting alone will not help."""


class Undecodable(NoroshiError):
    """These bytes mean nothing here: quarantine the message with this reason, and go on."""

    def __init__(self, reason: RejectionReason, detail: str = "") -> None:
        Exception.__init__(self, reason, detail)  # one for each bad reading: its sentence is made when asked for
        self.reason = reason
        self.detail = detail

    @property
    def said(self) -> Bilingual:
        """The reason in both languages, with its detail as it is."""
        reason, detail = self.reason, self.detail
        more = f"({detail})" if detail else ""
        return Bilingual(f"{reason.label.ja} [{reason}]{more}", f"{reason}: {detail}" if detail else str(reason))


def innermost(error: BaseException) -> BaseException:
    """The one error inside nested task groups that says what happened."""
    while isinstance(error, BaseExceptionGroup):
        refused, _ = error.split(BrokerRefused)
        error = (refused or error).exceptions[0]
    return error
