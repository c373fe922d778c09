"""A Mosquitto 2.1 that runs deploy/mosquitto/mosquitto.conf, on a port and in a folder of the test."""

import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.deploy.compose import SERVICES, filled_in
from tests.deploy.forky import FORKY
from tests.deploy.installation import DEPLOY
from tests.fixtures.broker import BrokerProcess
from tests.fixtures.processes import remove

SEARCH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin"


def find_root() -> Path:
    """The root directory with a Mosquitto 2.1, or the test is skipped (in CI too: no stable Debian has it yet)."""
    for root in (Path("/"), FORKY):
        if root != Path("/") and os.geteuid() != 0:
            continue
        plugin = next(root.glob("usr/lib/**/mosquitto_persist_sqlite.so"), None)
        if plugin is not None:
            return root
    pytest.skip("no Mosquitto 2.1 is on this machine; Debian forky has it (tests/deploy/forky.py says how)")


class ShippedBroker(BrokerProcess):
    """The broker as it is shipped: the same file, only its paths and its port are this test's."""

    def __init__(self) -> None:
        self.root = find_root()
        self.home = Path(mkdtemp(prefix="noroshi-mosquitto-", dir=self.root / "tmp"))
        super().__init__(self.home)
        self._write_configuration()
        self.account(INGEST_BROKER_PASSWORD="secret of the service")
        user = self._user()
        for path in (self.home, *self.home.iterdir()):
            os.chown(path, user, user)

    def command(self) -> Sequence[str]:
        """Mosquitto, inside its root."""
        return [*self._inside(), "mosquitto", "-c", str(self._seen(self.home) / "mosquitto.conf")]

    def account(self, service: str = "broker-accounts", **passwords: str) -> None:
        """What the one-shot of this name does, by its own words."""
        (script,) = SERVICES[service]["command"]
        script = filled_in(script, {}).replace("/mosquitto/data", str(self._seen(self.home)))
        self._run("sh", "-euc", script, environment=passwords)

    def device(self, name: str, password: str) -> None:
        """An account as deploy/README.md adds one; a running broker is told."""
        self._run("mosquitto_passwd", "-b", str(self._seen(self.home) / "passwords"), name, password)
        os.chown(self.home / "passwords", self._user(), self._user())

    def reread(self) -> None:
        """`docker compose kill --signal HUP broker`."""
        os.kill(self.pid, signal.SIGHUP)

    def discard(self) -> None:
        """Stop it and remove what it wrote."""
        self.kill()
        remove(self.home)

    def _write_configuration(self) -> None:
        plugins = next(self.root.glob("usr/lib/**/mosquitto_persist_sqlite.so")).parent
        text = (DEPLOY / "mosquitto/mosquitto.conf").read_text(encoding="utf-8")
        text = re.sub("^listener 1883$", f"listener {self.port} 127.0.0.1", text, flags=re.MULTILINE)
        text = text.replace("/usr/lib/mosquitto_", f"{self._seen(plugins)}/mosquitto_")
        text = text.replace("/mosquitto/data", str(self._seen(self.home))).replace(
            "/mosquitto/config", str(self._seen(self.home))
        )
        (self.home / "mosquitto.conf").write_text(text, encoding="utf-8")
        shutil.copy(DEPLOY / "mosquitto/acl", self.home / "acl")

    def _inside(self) -> list[str]:
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

    def _run(self, *words: str, environment: Mapping[str, str] | None = None) -> None:
        subprocess.run(
            [*self._inside(), *words], env={"PATH": SEARCH, **(environment or {})}, check=True, capture_output=True
        )
