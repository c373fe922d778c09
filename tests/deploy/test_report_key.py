"""The key that signs frozen reports lasts in every installation, and only the service reads it."""

from pathlib import PurePosixPath
from typing import Any

from ingest.settings.model import Settings
from tests.deploy.compose import SERVICES
from tests.deploy.installation import DEPLOY
from tests.deploy.test_kubernetes import DOCUMENTS, one
from tests.deploy.test_systemd import INGEST

NAME = "NOROSHI_REPORT__KEY_FILE"
FOLDER = PurePosixPath("/var/lib/noroshi")


def test_the_name_is_that_of_the_setting() -> None:
    section, name = NAME.removeprefix("NOROSHI_").lower().split("__")
    assert name in type(getattr(Settings(), section)).model_fields


def test_the_unit_has_a_folder_for_it_that_nobody_else_enters() -> None:
    named = dict(line.split("=", 1) for line in INGEST["Environment"])
    assert PurePosixPath(named[NAME]).parent == FOLDER == "/var/lib" / PurePosixPath(INGEST["StateDirectory"][0])
    assert INGEST["StateDirectoryMode"] == ["0700"]
    assert INGEST["UMask"] == ["0077"]
    page = (DEPLOY / "debian.md").read_text(encoding="utf-8")
    assert f"{NAME}={named[NAME]}" in page, "commands by hand read the file, and know nothing of the unit"


def test_containers_keep_it_in_a_volume_which_commands_by_hand_have_too() -> None:
    for name in ("ingest", "ask"):
        service = SERVICES[name]
        assert PurePosixPath(service["environment"][NAME]).parent == FOLDER
        assert f"state:{FOLDER}" in service["volumes"], "a container forgets what lies elsewhere"
    with_it = {
        name for name, service in SERVICES.items() if any("state:" in each for each in service.get("volumes", []))
    }
    assert with_it == {"ingest", "ask"}
    image = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert f"--owner noroshi --group noroshi --mode 0700 {FOLDER}" in image, "else the volume would be root's"


def test_the_pod_keeps_it_on_a_volume_of_its_own() -> None:
    settings = next(each["data"] for each in DOCUMENTS if each["metadata"]["name"] == "noroshi-settings")
    assert PurePosixPath(settings[NAME]).parent == FOLDER
    pod: dict[str, Any] = one("Deployment")["spec"]["template"]["spec"]
    (mount,) = (each for each in pod["containers"][0]["volumeMounts"] if each["mountPath"] == str(FOLDER))
    (volume,) = (each for each in pod["volumes"] if each["name"] == mount["name"])
    claims = {each["metadata"]["name"] for each in DOCUMENTS if each["kind"] == "PersistentVolumeClaim"}
    assert volume["persistentVolumeClaim"]["claimName"] in claims
    assert not mount.get("readOnly")
