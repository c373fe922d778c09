"""Doubts about possible but unlikely values, shown beside the changes. The values are written all the same."""

import re
from collections.abc import Iterator

from ingest.registry.changes import ChangeSet, Item
from ingest.registry.problem import Kind
from schemas.bilingual import Bilingual

JAPAN = ((20.0, 46.0), (122.0, 154.0))
"""Latitudes and longitudes of Japan in degrees, with the southern and eastern islands."""

HIGHEST_MOUNT_M = 60.0
"""Beyond it every distance is flagged. A bridge so high is rarer than a height in centimetres or millimetres."""

CONFORMITY = re.compile(r"\d{3}-[A-Z0-9]{6,8}|\d{3}[A-Z]{2,3}\d{4,6}")
"""Numbers of certificates of conformity (技適番号) as certifying bodies give them, new and old."""


def questions(plan: ChangeSet) -> Iterator[Bilingual]:
    """Doubts about new and changed rows only."""
    for kind in (Kind.GATEWAY, Kind.DEVICE):
        for item in plan.parts[kind].items:
            yield from _place(item)
    for item in plan.parts[Kind.BINDING].items:
        yield from _height(item)
    for item in plan.parts[Kind.ASSET].items:
        yield from _conformity(item)


def _place(item: Item) -> Iterator[Bilingual]:
    latitude, longitude = item.values["latitude"], item.values["longitude"]
    if latitude is None or longitude is None:
        return
    (south, north), (west, east) = JAPAN
    if latitude == 0 and longitude == 0:
        yield _said(
            item, "緯度・経度が 0, 0 です。分からないときは空にしてください",
            "its place is 0, 0; leave it empty where it is not known",
        )  # fmt: skip
    elif not (south <= latitude <= north and west <= longitude <= east):
        yield _said(
            item, f"緯度・経度 {latitude:g}, {longitude:g} は日本の外です。取り違えていませんか",
            f"its place {latitude:g}, {longitude:g} is not in Japan",
        )  # fmt: skip


def _height(item: Item) -> Iterator[Bilingual]:
    height_m = item.values["mount_height_m"]
    if height_m is not None and abs(height_m) > HIGHEST_MOUNT_M:
        yield _said(
            item, f"取付高が {height_m:g} m です。cm や mm で書いていませんか",
            f"its mount height is {height_m:g} m; is it written in cm or mm?",
        )  # fmt: skip


def _conformity(item: Item) -> Iterator[Bilingual]:
    number = item.values["technical_conformity"]
    if number is not None and not CONFORMITY.fullmatch(number):
        yield _said(
            item, f"技適番号が「{number}」です。機器の銘板の番号と同じですか(例 001-P01730)",
            f"its technical_conformity is {number!r}; is that what the label of the device says, as 001-P01730?",
        )  # fmt: skip


def _said(item: Item, ja: str, en: str) -> Bilingual:
    subject = item.subject.said
    return Bilingual(f"{subject.ja}: {ja}", f"{subject.en}: {en}")
