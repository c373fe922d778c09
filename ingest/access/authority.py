"""Who changes something about people, how far they may, and what is answered when they may not."""

from dataclasses import dataclass
from typing import Self

from ingest.access.audit import Action, Entry
from ingest.access.caller import Caller
from ingest.access.roles import Role
from ingest.errors import CallRefused
from schemas.bilingual import Bilingual


class ChangeRefused(CallRefused):
    """A change that is not made: the sentence says why, and what to do instead."""


class NotThere(ChangeRefused):
    """There is no such thing, or it is not of those who ask. Pages answer 404 to both."""

    def __init__(self, what: Bilingual) -> None:
        super().__init__(Bilingual(f"{what.ja}は見つかりません", f"there is no such {what.en}"))


PERSON = Bilingual("利用者", "person")
ORGANISATION = Bilingual("団体", "organisation")
PROJECT = Bilingual("事業", "project")
NETWORK = Bilingual("ネットワーク", "network")
TOKEN = Bilingual("トークン", "token")
SESSION = Bilingual("セッション", "session")


@dataclass(frozen=True, slots=True)
class By:
    """Whoever makes a change. `organisations`: ids of those they administer; None: they administer everything."""

    actor: str
    department: str = ""
    address: str | None = None
    organisations: frozenset[int] | None = None
    person_id: int | None = None

    @classmethod
    def of_caller(cls, caller: Caller, address: str | None = None) -> Self:
        """Somebody at the pages: an admin everywhere, or of their own organisations."""
        if caller.everywhere is Role.ADMIN:
            own = None
        else:
            own = frozenset(seat.organisation_id for seat in caller.seats if seat.member and seat.role is Role.ADMIN)
        return cls(caller.actor, caller.department, address, own, caller.person_id)

    @classmethod
    def of_command(cls, user: str) -> Self:
        """Somebody at a shell of this machine, who may read and write the database anyway."""
        return cls(f"command:{user}")

    def administers(self, organisation_id: int | None) -> bool:
        """Whether this organisation is theirs to administer; None stands for the whole installation."""
        return self.organisations is None or (organisation_id is not None and organisation_id in self.organisations)

    def must_administer_everything(self) -> None:
        """Raises ChangeRefused for anybody else than an admin everywhere."""
        if self.organisations is not None:
            raise ChangeRefused(
                Bilingual("これは全体の管理者だけができます", "only an admin of the whole installation can do this")
            )

    def entry(
        self,
        action: Action,
        subject: str,
        organisation: str | None = None,
        project: str | None = None,
        before: object = None,
        after: object = None,
    ) -> Entry:
        """The entry of what they did."""
        return Entry(action, subject, self.actor, self.department, organisation, project, before, after)
