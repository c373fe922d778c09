"""Paper (A4): every page as a clerk prints it, by the real browser. Nothing is cut, and each sheet says whose it is."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.fixtures.need import need

PAGES = {
    "/": ("すべての事業", "概況"),
    "/?project=ina&q=川": ("伊那市 防災・鳥獣害対策", "概況"),
    "/devices/fukuroi/halow-0001": ("袋井市 スマート農業実証 ・ halow-0001", "笠原1号 気象計"),
    "/quarantine": ("すべての事業", "隔離"),
    "/nowhere": ("", "ページが見つかりません"),
}
WIDTH_PX = 703
"""A4 less the margins, at 96 dots an inch."""

CUT = """() => [...document.querySelectorAll("main *")]
    .filter((node) => node.checkVisibility() && !node.closest("svg, .hidden-label"))
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 1 || node.scrollWidth > node.clientWidth + 1 &&
        ["hidden", "auto", "scroll"].includes(getComputedStyle(node).overflowX))
    .map((node) => node.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def reader(chromium: Browser) -> Page:
    """Eyes that like it dark: paper stays white."""
    return chromium.new_context(locale="ja-JP", color_scheme="dark").new_page()


def sheets(page: Page, address: str, tmp_path: Path) -> list[str]:
    """The text of each sheet that comes out of the printer."""
    program = shutil.which("pdftotext")
    if program is None:
        need("pdftotext", "Debian's poppler-utils")
    page.goto(address)
    page.wait_for_load_state("networkidle")
    path = tmp_path / "page.pdf"
    page.pdf(path=path, format="A4")
    said = subprocess.run([program, "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
    return said.removesuffix("\f").split("\f")


def plain(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("path", PAGES)
def test_every_sheet_says_whose_it_is_and_of_when_and_none_is_empty(
    reader: Page, site: str, tmp_path: Path, path: str
) -> None:
    whose, title = PAGES[path]
    found = sheets(reader, site + path, tmp_path)
    for number, sheet in enumerate(found, start=1):
        head = plain(sheet)[:90]
        assert plain(f"狼煙{title}") in head
        assert plain(whose) in head
        assert re.search(r"20\d\d年\d+月\d+日\d\d:\d\d現在\(日本時間\)", plain(sheet))
        assert plain(sheet).endswith(f"{number}/{len(found)}")
        assert len(plain(sheet)) > 70, "a sheet with nothing on it"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_at_the_edge_of_the_paper(reader: Page, site: str, path: str) -> None:
    reader.emulate_media(media="print", color_scheme="dark")
    reader.set_viewport_size({"width": WIDTH_PX, "height": 1000})
    reader.goto(site + path)
    assert reader.evaluate(CUT) == []
    assert reader.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    reader.emulate_media(media=None)


def test_what_was_asked_for_stands_on_the_sheet_and_the_boxes_do_not(reader: Page, site: str, tmp_path: Path) -> None:
    first = plain(sheets(reader, f"{site}/?q=川&state=silent", tmp_path)[0])
    assert "条件:川、途絶" in "".join(map(plain, sheets(reader, f"{site}/?q=川&state=silent", tmp_path)))
    assert "検索" not in first
    found = "".join(map(plain, sheets(reader, f"{site}/quarantine?reason=not_json&from=2026-01-01", tmp_path)))
    assert "条件:JSONとして読めない、2026-01-01〜" in found
    assert "絞り込む" not in found
