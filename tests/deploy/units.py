"""The units of deploy/systemd as data: each setting with all its values, in order."""

from collections import defaultdict
from pathlib import Path

from tests.deploy.installation import DEPLOY

FOLDER = DEPLOY / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
TIMERS = sorted(FOLDER.glob("*.timer"))


def settings(file: Path) -> dict[str, list[str]]:
    """What the unit says, whatever the section."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in file.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, value = line.split("=", 1)
            found[name].append(value)
    return dict(found)
