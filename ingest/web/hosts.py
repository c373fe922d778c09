"""The host names that the pages answer to.

A page elsewhere can let its own name point to this machine (DNS rebinding). The browser then takes our answers for
that page's own. Checking the name stops this, because that page cannot use one of our names.
"""

from collections.abc import Sequence
from ipaddress import ip_address

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  compared, not bound


class HostRule:
    """Which Host headers are ours: `names`, `listens_on`, `localhost`, and the address that a connection came to.

    Probes ask by that last address. A service that listens on all addresses also allows every numeric address: it may
    be that of a proxy in front of us, and DNS rebinding needs a name.
    """

    def __init__(self, listens_on: str, names: Sequence[str] = ()) -> None:
        self._names = {"localhost", _plain(listens_on), *(_plain(name) for name in names)}
        self._any_address = listens_on in EVERYWHERE

    def allows(self, host: str | None, came_to: str | None) -> bool:
        """Whether `host` is ours; None (no header) is no browser, and ours. `came_to`: our end of the connection."""
        if host is None:
            return True
        name = _plain(_without_port(host))
        if name in self._names or (came_to is not None and name == _plain(came_to)):
            return True
        return self._any_address and _is_address(name)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _plain(name: str) -> str:
    """A name as it is compared: an address of IPv6 without brackets and zone, in one spelling."""
    bare = name.strip().removeprefix("[").removesuffix("]").lower().removesuffix(".")
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return bare
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
