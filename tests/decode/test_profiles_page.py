"""What docs/profiles.md shows works as it stands there."""

import re
import tomllib
from pathlib import Path

import yaml

from ingest.decode.frame import raw
from ingest.settings.model import load
from schemas.layout import TYPES
from schemas.profile import Profile
from schemas.profiles import shipped_maps

PAGE = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_profile_of_the_page_reads_the_frame_of_the_page() -> None:
    fields, frames, _, _ = blocks("yaml")
    (body,) = yaml.safe_load(fields + frames)["profiles"]
    found = re.search(r"--port (\d+) --hex (\w+)", PAGE)
    assert found is not None
    measured, refused = raw.read(bytes.fromhex(found[2]), int(found[1]), Profile.model_validate(body), None)
    assert [(one.quantity, one.channel, one.value) for one in measured] == [
        ("battery_voltage", 0, 2978),
        ("soil_moisture", 10, 25.0),
    ]
    assert [one.part for one in refused] == ["vwc_2"]


def test_the_tags_and_the_map_of_the_page_are_a_layout_and_a_map() -> None:
    _, _, tags, mapping = blocks("yaml")
    (frame,) = yaml.safe_load(tags)
    Profile.model_validate({"code": "x", "fields": {}, "frames": [frame]})
    (body,) = yaml.safe_load(mapping)
    assert Profile.model_validate(body).map is not None


def test_the_routes_of_the_page_are_routes() -> None:
    (routes,) = blocks("toml")
    assert len(load(tomllib.loads(routes)).routes) == 2


def test_the_page_names_every_shipped_map_and_every_type() -> None:
    assert {code for code in shipped_maps() if f"`{code}`" not in PAGE} == set()
    spelt_out = {kind for kind in TYPES if not re.fullmatch(r"[ui](16|24|32|40|48)", kind)}
    assert {kind for kind in spelt_out if f"`{kind}`" not in PAGE and f"…`{kind}`" not in PAGE} == set()
