"""Sends one e-mail by SMTP, within bounds, and says exactly how far it came."""

import asyncio
import socket
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from threading import Event
from typing import Any, NamedTuple

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from ingest.errors import SettingsRefused
from ingest.report.mail.message import one_line
from ingest.settings.mail import MailSettings, read_password
from schemas.bilingual import Bilingual, quoted

LONGEST_ANSWER = 200
"""So many characters of what a server says are kept."""
END_WITHIN_S = 8.0
"""A message that is on its way gets so long once the service has to end."""
_LOOK_EVERY_S = 0.1


class Fate(StrEnum):
    """What became of a message."""

    SENT = "sent"
    LATER = "later"
    """The server did not take it; it may later."""
    NEVER = "never"
    """The server does not take it."""
    DOUBT = "doubt"
    """All of it was sent, and no answer came."""
    STOPPED = "stopped"
    """Nothing was sent, because the service ends."""


class Outcome(NamedTuple):
    """What became of a message, and why. `of_server`: the next message would fare the same."""

    fate: Fate
    why: Bilingual
    of_server: bool = False


class Step(StrEnum):
    """How far a dialogue is. What fails is told by it."""

    SERVER = "server"
    LETTER = "letter"
    BODY = "body"
    DONE = "done"


@dataclass
class _Progress:
    step: Step = Step.SERVER


class Mailer:
    """Sends by the server of the settings. The password is read anew for each message, so that it can be changed."""

    def __init__(self, settings: MailSettings) -> None:
        """Raises SettingsRefused for a file of the settings that cannot be used."""
        self.settings = settings
        read_password(settings)
        self._tls = _tls_context(settings)

    def send(self, message: bytes, to: str, stop: Event) -> Outcome:
        """Blocking, for at most `mail.timeout_s`. Never raises for what a server or the network does."""
        try:
            password = read_password(self.settings)
        except SettingsRefused as error:
            return Outcome(Fate.LATER, error.said, of_server=True)
        progress = _Progress()
        return asyncio.run(self._watch(self._send(message, to, password, progress), progress, stop))

    async def _watch(self, sending: Coroutine[Any, Any, None], progress: _Progress, stop: Event) -> Outcome:
        task = asyncio.ensure_future(asyncio.wait_for(sending, self.settings.timeout_s))
        while not task.done():
            await asyncio.wait({task}, timeout=_LOOK_EVERY_S)
            if stop.is_set():
                await asyncio.wait({task}, timeout=END_WITHIN_S if progress.step is Step.BODY else 0)
                task.cancel()
                await asyncio.wait({task})
        return _outcome(task, progress.step, self.settings)

    async def _send(self, message: bytes, to: str, password: str, progress: _Progress) -> None:
        settings = self.settings
        client = SMTP(
            hostname=settings.host, port=settings.port, timeout=settings.timeout_s, local_hostname=_own_name(),
            use_tls=settings.tls == "tls", start_tls=settings.tls == "starttls", tls_context=self._tls,
        )  # fmt: skip
        try:
            await client.connect()
            if settings.username:
                await client.login(settings.username, password)
            progress.step = Step.LETTER
            await client.mail(settings.sender)
            await client.rcpt(to)
            # From here on the server may take the message although we do not hear of it.
            progress.step = Step.BODY
            await client.data(message)
            progress.step = Step.DONE
            await client.quit()
        finally:
            client.close()


def _outcome(task: "asyncio.Future[None]", step: Step, settings: MailSettings) -> Outcome:
    if step is Step.DONE:  # whatever came of the good-bye
        if not task.cancelled():
            task.exception()  # looked at, else it would be said in the log
        return Outcome(Fate.SENT, quoted(""))
    error = None if task.cancelled() else task.exception()
    if isinstance(error, SMTPResponseException):
        return _refused(error, step)
    if error is not None and not isinstance(error, (TimeoutError, OSError, SMTPException)):
        raise error
    if step is Step.BODY:
        return Outcome(Fate.DOUBT, _NO_ANSWER)
    if error is None:
        return Outcome(Fate.STOPPED, quoted(""))
    return Outcome(Fate.LATER, _unreached(error, settings), of_server=True)


def _refused(error: SMTPResponseException, step: Step) -> Outcome:
    answer = one_line(f"{error.code} {error.message}")[:LONGEST_ANSWER]
    why = Bilingual(f"サーバーの返事: {answer}", f"the server answered: {answer}")
    if step is Step.SERVER:  # the account, not the message: it is mended in the settings
        return Outcome(Fate.LATER, why, of_server=True)
    return Outcome(Fate.LATER if 400 <= error.code < 500 else Fate.NEVER, why)


_NO_ANSWER = Bilingual(
    "送った後、サーバーの返事がありませんでした。届いたかどうか分かりません",
    "the server did not answer after it was sent; nobody knows whether it arrived",
)


def _unreached(error: BaseException, settings: MailSettings) -> Bilingual:
    where = f"{settings.host}:{settings.port}"
    if isinstance(error, TimeoutError):
        return Bilingual(f"{where} が時間内に返事をしません", f"{where} did not answer in time")
    said = one_line(str(error))[:LONGEST_ANSWER] or type(error).__name__
    return Bilingual(f"{where} に送れません: {said}", f"{where} cannot be reached: {said}")


def _own_name() -> str:
    """The name of this machine as EHLO says it, without asking the network."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "localhost"


def _tls_context(settings: MailSettings) -> ssl.SSLContext | None:
    if settings.tls == "none":
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise SettingsRefused(
            Bilingual(
                f"mail.ca_file {settings.ca_file} を認証局として読めません: {error.strerror or error}",
                f"mail.ca_file {settings.ca_file} cannot be read as an authority: {error.strerror or error}",
            )
        ) from None
