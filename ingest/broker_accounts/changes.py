"""Compares the accounts in the broker with those of the registry, and derives the commands. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Any, NamedTuple

from ingest.broker_accounts.account import Account, Rule
from ingest.broker_accounts.present import DENIED, GROUP, ROLE_PREFIX, Present, PresentClient
from schemas.bilingual import Bilingual

Command = dict[str, Any]


class Deed(StrEnum):
    """What happens to an account; the value is its name in Japanese."""

    CREATE = "新規"
    CHANGE = "変更"
    REMOVE = "削除"

    @property
    def said(self) -> Bilingual:
        """The name in both languages."""
        return Bilingual(self.value, self.name.lower())


class Difference(StrEnum):
    """How an account differs from what it should be; the value is its name in Japanese."""

    TOPICS = "トピックの許可"
    CLIENT_ID = "クライアント ID"
    ROLE = "役割"
    STOPPED = "使用停止"
    STARTED = "使用再開"
    PASSWORD = "パスワード"  # noqa: S105  a word of the report

    @property
    def said(self) -> Bilingual:
        """The name in both languages."""
        return Bilingual(self.value, _ENGLISH[self])


_ENGLISH = {
    Difference.TOPICS: "topics it may use",
    Difference.CLIENT_ID: "client id",
    Difference.ROLE: "role",
    Difference.STOPPED: "stopped",
    Difference.STARTED: "started again",
    Difference.PASSWORD: "password",
}


class Step(NamedTuple):
    """The change of one account. `password`: the new one, if it gets one."""

    deed: Deed
    username: str
    account: Account | None = None
    differences: tuple[Difference, ...] = ()
    password: str | None = None


class ChangeSet(NamedTuple):
    """What applying would do. Carried out only without problems; the next run completes an interrupted one."""

    steps: tuple[Step, ...]
    commands: tuple[Command, ...]
    unchanged: int
    problems: tuple[Bilingual, ...] = ()

    @property
    def told_once(self) -> list[tuple[Account, str]]:
        """Accounts with a new password to hand over. It is known only now."""
        return [
            (step.account, step.password)
            for step in self.steps
            if step.password and step.account and not step.account.kind.of_the_program
        ]


class Passwords(NamedTuple):
    """`given`: passwords of the settings that the broker does not accept yet, by user name. `fresh`: makes one."""

    given: Mapping[str, str]
    fresh: Callable[[], str]


def compare(
    present: Present,
    accounts: Sequence[Account],
    passwords: Passwords,
    *,
    rotate: AbstractSet[str] = frozenset(),
    remove: bool = True,
) -> ChangeSet:
    """The changes to make. `rotate`: user names that get a new password. `remove`: delete accounts nobody asks for."""
    names = {account.username for account in accounts}
    foreign = [name for name in names if name in present.clients and not present.clients[name].ours]
    if foreign:
        return ChangeSet((), (), 0, tuple(_foreign(name) for name in sorted(foreign)))
    steps = [step for account in accounts if (step := _step(present, account, passwords, rotate)) is not None]
    commands = [*_ground(present), *(command for step in steps for command in _commands(present, step))]
    unchanged = len(accounts) - len(steps)
    if remove:
        gone = [name for name, client in present.clients.items() if client.ours and name not in names]
        steps += [Step(Deed.REMOVE, name) for name in gone]
        commands += [{"command": "deleteClient", "username": name} for name in gone]
        commands += _stray_roles(present, names)
    return ChangeSet(tuple(steps), tuple(commands), unchanged)


def _foreign(name: str) -> Bilingual:
    return Bilingual(
        f"ブローカーに {name} という口座が既にあり、この台帳から作ったものではありません。"
        "その口座を消すか改名してから、もう一度実行してください",
        f"the broker has an account {name} already, which was not made from this registry: remove or rename it,"
        " then call this again",
    )


def _step(present: Present, account: Account, passwords: Passwords, rotate: AbstractSet[str]) -> Step | None:
    name, there = account.username, present.clients.get(account.username)
    password = passwords.given.get(name)
    if password is None and not account.kind.of_the_program and (there is None or name in rotate):
        password = passwords.fresh()
    if there is None:
        return Step(Deed.CREATE, name, account, (), password)
    found = [*_differences(present, account, there), *([Difference.PASSWORD] if password else [])]
    return Step(Deed.CHANGE, name, account, tuple(found), password) if found else None


def _differences(present: Present, account: Account, there: PresentClient) -> Iterator[Difference]:
    if present.roles.get(_role(account)) != frozenset(account.rules):
        yield Difference.TOPICS
    if there.client_id != account.client_id:
        yield Difference.CLIENT_ID
    if there.roles != _roles(account):
        yield Difference.ROLE
    if there.disabled == account.enabled:
        yield Difference.STARTED if account.enabled else Difference.STOPPED


def _role(account: Account) -> str:
    return ROLE_PREFIX + account.username


def _roles(account: Account) -> frozenset[str]:
    """A stopped account has no role: the broker admits a client with a certificate without checking `disabled`."""
    return frozenset((_role(account),)) if account.enabled else frozenset()


def _ground(present: Present) -> Iterator[Command]:
    if not present.denies_by_default:
        acls = [{"acltype": kind, "allow": allow} for kind, allow in DENIED.items()]
        yield {"command": "setDefaultACLAccess", "acls": acls}
    if not present.has_group:
        yield {"command": "createGroup", "groupname": GROUP, "textname": "Noroshi"}


def _commands(present: Present, step: Step) -> Iterator[Command]:
    """The commands of a step: the role before the account that has it. One command makes the account complete."""
    account = step.account
    assert account is not None  # only a removal has no account
    name, role, changes = step.username, _role(account), set(step.differences)
    if present.roles.get(role) != frozenset(account.rules):
        verb = "modifyRole" if role in present.roles else "createRole"
        yield {"command": verb, "rolename": role, "acls": [_acl(rule) for rule in account.rules]}
    if step.deed is Deed.CREATE:
        yield {"command": "createClient", **_client(account), "password": step.password}
        if not account.enabled:
            yield {"command": "disableClient", "username": name}
        return
    if changes & {Difference.CLIENT_ID, Difference.ROLE}:
        yield {"command": "modifyClient", **_client(account)}
    if Difference.PASSWORD in changes:
        yield {"command": "setClientPassword", "username": name, "password": step.password}
    if changes & {Difference.STARTED, Difference.STOPPED}:
        yield {"command": "enableClient" if account.enabled else "disableClient", "username": name}


def _client(account: Account) -> Command:
    return {
        "username": account.username,
        "clientid": account.client_id or "",
        "textname": f"{account.kind.label.ja} {account.place}".strip(),
        "roles": [{"rolename": role} for role in _roles(account)],
        "groups": [{"groupname": GROUP}],
    }


def _acl(rule: Rule) -> Command:
    return {"acltype": rule.what, "topic": rule.topic, "priority": 0, "allow": True}


def _stray_roles(present: Present, names: AbstractSet[str]) -> Iterator[Command]:
    """Deletes roles without an account, which an interrupted run leaves too."""
    for role in present.roles:
        if role.startswith(ROLE_PREFIX) and role.removeprefix(ROLE_PREFIX) not in names:
            yield {"command": "deleteRole", "rolename": role}
