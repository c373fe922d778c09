"""The list of what is in the program is valid CycloneDX and complete."""

import json
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)


def test_the_list_validates_and_names_every_locked_package_with_its_hashes(tmp_path: Path) -> None:
    # Here, because they take seconds that every test process would spend.
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    made = tmp_path / "noroshi.cdx.json"
    binaries = Path(sys.executable).parent
    call = ["make", "--old-file=install", "sbom", f"SBOM={made}", f"BIN={binaries}"]
    subprocess.run(call, cwd=REPOSITORY, check=True, capture_output=True, timeout=240)
    text = made.read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    locked = set(LOCKED.findall((REPOSITORY / "requirements.lock").read_text(encoding="utf-8")))
    assert len(locked) > 50
    assert {(one["name"], one["version"]) for one in document["components"]} == locked
    assert document["metadata"]["component"]["name"] == "noroshi"
    assert all(
        any(reference.get("hashes") for reference in one["externalReferences"]) for one in document["components"]
    )
