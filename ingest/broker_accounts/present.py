"""Reads the accounts, roles and groups that the broker's dynamic security plugin lists. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingest.broker_accounts.account import Rule

GROUP = "noroshi"
"""Every account made here is in this group. Accounts outside it belong to others and are never changed."""

ROLE_PREFIX = "noroshi:"

DENIED = {"publishClientSend": False, "publishClientReceive": False, "subscribe": False, "unsubscribe": True}
"""The default access of a broker that allows only what rules allow."""


class PresentClient(NamedTuple):
    """An account in the broker."""

    username: str
    client_id: str | None
    roles: frozenset[str]
    ours: bool
    disabled: bool


@dataclass(frozen=True, slots=True)
class Present:
    """The state of the broker that matters here. A role in another form than ours counts as one without rules."""

    clients: Mapping[str, PresentClient] = field(default_factory=dict)
    roles: Mapping[str, frozenset[Rule]] = field(default_factory=dict)
    has_group: bool = False
    denies_by_default: bool = False


def client_of(listed: Mapping[str, Any]) -> PresentClient:
    """The account in one client of a verbose `listClients`."""
    return PresentClient(
        username=listed["username"],
        client_id=listed.get("clientid") or None,
        roles=frozenset(role["rolename"] for role in listed.get("roles", ())),
        ours=any(group["groupname"] == GROUP for group in listed.get("groups", ())),
        disabled=bool(listed.get("disabled", False)),
    )


def rules_of(listed: Mapping[str, Any]) -> frozenset[Rule]:
    """The rules of one role of a verbose `listRoles`; none if one of them denies, as no role of ours does."""
    rules: Iterable[Mapping[str, Any]] = listed.get("acls", ())
    if not all(rule.get("allow") for rule in rules):
        return frozenset()
    return frozenset(Rule(rule["acltype"], rule["topic"]) for rule in rules)


def denies(defaults: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the answer to `getDefaultACLAccess` is DENIED."""
    return {each["acltype"]: bool(each["allow"]) for each in defaults} == DENIED
