"""Mosquitto 2.0 and 2.1 with the files of deploy/mosquitto, on ports and in a folder of the test."""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.deploy.forky import FORKY
from tests.deploy.installation import DEPLOY
from tests.fixtures.broker import BrokerProcess, mosquitto_binary
from tests.fixtures.need import need
from tests.fixtures.ports import free_port
from tests.fixtures.processes import remove

SEARCH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin"
ADMIN = "secret of the administrator"
VERSIONS = ("2.0", "2.1")
HOMES = tuple((path, "") for path in ("/etc/mosquitto", "/var/lib/mosquitto", "/mosquitto/config", "/mosquitto/data"))


def find_root(version: str) -> Path:
    """The root directory with this Mosquitto, or the test is skipped."""
    mosquitto_binary()
    has_21 = next(Path("/usr/lib").glob("**/mosquitto_persist_sqlite.so"), None) is not None
    if version == "2.0":
        if has_21:
            pytest.skip("this machine has Mosquitto 2.1, not 2.0")
        return Path("/")
    if has_21:
        return Path("/")
    if os.geteuid() == 0 and next(FORKY.glob("usr/lib/**/mosquitto_persist_sqlite.so"), None) is not None:
        return FORKY
    # In CI too: no stable Debian has it yet.
    pytest.skip("no Mosquitto 2.1 is on this machine; Debian forky has it (tests/deploy/forky.py says how)")


class ShippedBroker(BrokerProcess):
    """The broker as it is shipped: the same files, only paths and ports are this test's.

    `certificates`: the folder deploy/tls/authority.sh wrote; with it the encrypted listeners are there.
    `edits`: replacements in what is shipped, for a limit that a test could not reach otherwise.
    """

    def __init__(
        self, version: str, *, certificates: Path | None = None, edits: Mapping[str, str] | None = None
    ) -> None:
        self.root = find_root(version)
        self.version = version
        self.home = Path(mkdtemp(prefix="noroshi-mosquitto-", dir=self.root / "tmp"))
        super().__init__(self.home)
        self.tls_port, self.mutual_port = free_port(), free_port()
        self._edits = dict(edits or {})
        for folder in ("conf.d", "listeners", "tls"):
            (self.home / folder).mkdir()
        self._write_configuration()
        if certificates is not None:
            self._write_tls(certificates)
        self._first_accounts()
        self._give_away()

    def command(self) -> Sequence[str]:
        """Mosquitto, inside its root."""
        return [*self.inside(), mosquitto_binary(), "-c", str(self._seen(self.home) / "mosquitto.conf")]

    def discard(self) -> None:
        """Stop it and remove what it wrote."""
        self.kill()
        remove(self.home)

    def log_text(self) -> str:
        """What the broker said."""
        return (self.home / "log").read_text(encoding="utf-8", errors="replace")

    def _first_accounts(self) -> None:
        """What the one-shot `broker-first` does."""
        words = ["mosquitto_ctrl", "dynsec", "init", str(self._seen(self.home) / "dynamic-security.json")]
        subprocess.run(
            [*self.inside(), *words, "noroshi-admin"],
            input=f"{ADMIN}\n{ADMIN}\n", text=True, env={"PATH": SEARCH}, check=True, capture_output=True,
        )  # fmt: skip

    def _write_configuration(self) -> None:
        file = "mosquitto.conf" if self.version == "2.1" else "mosquitto-2.0.conf"
        (self.home / "mosquitto.conf").write_text(self._adapted(DEPLOY / "mosquitto" / file), encoding="utf-8")
        text = self._adapted(DEPLOY / "mosquitto/conf.d/noroshi.conf")
        (self.home / "conf.d/noroshi.conf").write_text(text, encoding="utf-8")

    def _write_tls(self, certificates: Path) -> None:
        for name in ("authority.crt", "revoked.crl", "server.crt", "server.key"):
            shutil.copy(certificates / name, self.home / "tls")
        text = self._adapted(DEPLOY / "mosquitto/tls.conf")
        (self.home / "listeners/tls.conf").write_text(text, encoding="utf-8")

    def _adapted(self, file: Path) -> str:
        home = str(self._seen(self.home))
        text = file.read_text(encoding="utf-8")
        for old, new in self._edits.items():
            text = text.replace(old, new)
        for shipped, ours in ((1883, self.port), (8883, self.tls_port), (8884, self.mutual_port)):
            text = re.sub(f"^listener {shipped}$", f"listener {ours} 127.0.0.1", text, flags=re.MULTILINE)
        name = f"mosquitto_{'persist_sqlite' if self.version == '2.1' else 'dynamic_security'}.so"
        plugins = next(self.root.glob(f"usr/lib/**/{name}"), None) or need(name, "the Debian package mosquitto")
        text = re.sub(r"/usr/lib/(\S*/)?mosquitto_", f"{self._seen(plugins.parent)}/mosquitto_", text)
        for folder, place in (("/mosquitto/tls", "/tls"), ("/etc/mosquitto/noroshi", "/conf.d"), *HOMES):
            text = text.replace(folder, home + place)
        return text

    def _give_away(self) -> None:
        user = self._user()
        for path in (self.home, *self.home.rglob("*")):
            os.chown(path, user, user)

    def inside(self) -> list[str]:
        return [] if self.root == Path("/") else ["chroot", str(self.root)]

    def _seen(self, path: Path) -> Path:
        return Path("/") / path.relative_to(self.root)

    def _user(self) -> int:
        if os.geteuid() != 0:
            return os.geteuid()
        if self.root == Path("/"):
            return pwd.getpwnam("mosquitto").pw_uid
        lines = (self.root / "etc/passwd").read_text(encoding="utf-8").splitlines()
        return next(int(line.split(":")[2]) for line in lines if line.startswith("mosquitto:"))


@contextmanager
def shipped_broker(
    version: str, *, certificates: Path | None = None, edits: Mapping[str, str] | None = None
) -> Iterator[ShippedBroker]:
    """A running one, gone afterwards."""
    broker = ShippedBroker(version, certificates=certificates, edits=edits)
    try:
        broker.start()
        yield broker
    finally:
        broker.discard()


def certificates_in(folder: Path, *devices: str, **environment: str) -> Path:
    """A certificate authority of the test, by the script that is shipped; more devices may follow."""
    script = str(DEPLOY / "tls/authority.sh")
    settings = {"PATH": os.environ["PATH"], "NOROSHI_TLS": str(folder), **environment}
    calls = [] if (folder / "server.crt").exists() else [["server", "localhost", "127.0.0.1"]]
    calls += [["device", device] for device in devices]
    for words in calls:
        subprocess.run([script, *words], env=settings, check=True, capture_output=True)
    return folder
