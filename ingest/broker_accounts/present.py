"""What the broker's dynamic security plugin says of itself: accounts, roles, groups. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingest.broker_accounts.account import Rule

GROUP = "noroshi"
"""Every account made here is in this group; accounts without it are somebody else's and are never touched."""

ROLE_PREFIX = "noroshi:"

DENIED = {"publishClientSend": False, "publishClientReceive": False, "subscribe": False, "unsubscribe": True}
"""What nobody has allowed."""


class PresentClient(NamedTuple):
    """An account in the broker."""

    username: str
    client_id: str | None
    roles: frozenset[str]
    ours: bool
    disabled: bool


@dataclass(frozen=True, slots=True)
class Present:
    """The state of the broker as far as it concerns us. A role that is not as we write them has no rules."""

    clients: Mapping[str, PresentClient] = field(default_factory=dict)
    roles: Mapping[str, frozenset[Rule]] = field(default_factory=dict)
    has_group: bool = False
    denies_by_default: bool = False


def client_of(said: Mapping[str, Any]) -> PresentClient:
    """One client of `listClients`, verbose."""
    return PresentClient(
        username=said["username"],
        client_id=said.get("clientid") or None,
        roles=frozenset(role["rolename"] for role in said.get("roles", ())),
        ours=any(group["groupname"] == GROUP for group in said.get("groups", ())),
        disabled=bool(said.get("disabled", False)),
    )


def rules_of(said: Mapping[str, Any]) -> frozenset[Rule]:
    """The rules of one role of `listRoles`, verbose; one that denies makes it no role of ours."""
    rules: Iterable[Mapping[str, Any]] = said.get("acls", ())
    if not all(rule.get("allow") for rule in rules):
        return frozenset()
    return frozenset(Rule(rule["acltype"], rule["topic"]) for rule in rules)


def denies(said: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the answer to `getDefaultACLAccess` is that nobody may anything."""
    return {each["acltype"]: bool(each["allow"]) for each in said} == DENIED
