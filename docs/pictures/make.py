"""Take the pictures of the README and the handbook from the running demonstration: `make pictures`."""

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent
LIVE_S = 150
"""Long enough for the dead gateway and the first faults to show."""
YEAR_S, REPORT_S = 900, 180
"""How long the past of the demonstration, and a report, are waited for."""

CHROMIUM = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PROJECT = "sato-nogyo"


def main() -> None:
    """Start a demonstration of its own, look at it, stop it."""
    with tempfile.TemporaryDirectory(prefix="noroshi-pictures-") as folder:
        Path(folder).chmod(0o755)
        command = [
            sys.executable,
            "-m",
            "ingest",
            "demo",
            "--data",
            folder,
            "--port",
            "0",
            "--no-browser",
            "--lang",
            "ja",
        ]
        demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own program
        try:
            administrator = _said(demo, r"(http://127\.0\.0\.1:\d+/link/\S+)", lambda _: True)
            operator = _said(demo, r"(http://127\.0\.0\.1:\d+/link/\S+) 里谷町\S+運用", lambda _: True)
            _said(demo, r"^live (\d+)s", lambda seconds: int(seconds) >= LIVE_S)
            with sync_playwright() as playwright:
                program = shutil.which("chromium") or shutil.which("google-chrome")
                browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
                _pictures(*_signed_in(browser, administrator))
                _report_pictures(*_signed_in(browser, operator))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(120)


def _said(demo: "subprocess.Popen[str]", what: str, enough: Callable[[str], bool]) -> str:
    """The first thing of this form that the demonstration says and that is enough."""
    assert demo.stdout is not None  # it is a pipe
    for line in demo.stdout:
        found = re.search(what, line)
        if found and enough(found[1]):
            return found[1]
    raise SystemExit("the demonstration ended before its pictures were taken")


def _signed_in(browser: Browser, link: str) -> tuple[Page, str]:
    """A page of whoever the link is for, and the address of all pages."""
    page = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="ja-JP", timezone_id="Asia/Tokyo"
    ).new_page()
    page.goto(link)
    page.get_by_role("button").first.click()
    page.wait_for_load_state("networkidle")
    return page, link.partition("link/")[0]


def _pictures(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "overview.png")
    page.goto(f"{url}quarantine")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "quarantine.png")
    found = json.loads(page.request.get(f"{url}api/v1/devices?limit=500").text())["devices"]
    river = next(one for one in found if one["device"].startswith("river"))
    page.goto(f"{url}devices/{river['project']}/{river['device']}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "device.png")


def _report_pictures(page: Page, url: str) -> None:
    """A report from the order to its verification, as a clerk sees it."""
    page.set_viewport_size({"width": 1040, "height": 780})
    address = f"{url}reports?project={PROJECT}"
    _wait(page, address, lambda: page.locator("#notices .note").count() == 0, YEAR_S)
    page.screenshot(path=FOLDER / "report-due.png")
    _card(page, "order", "report-order.png")
    page.get_by_role("button", name="作成を依頼する").click()
    _wait(page, address, lambda: page.locator("#kept a[href*='/files/']").count() > 0, REPORT_S)
    _card(page, "kept", "report-kept.png")
    page.locator("#kept a.name").first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "report-draft.png")
    page.get_by_role("button", name="確認済みにする").click()
    page.get_by_role("button", name="確定する").click()
    _wait(page, page.url, lambda: page.locator("#way a[href$='/signature']").count() > 0, REPORT_S)
    _card(page, "way", "report-frozen.png")
    with page.expect_download() as download:
        page.locator("#report .deeds a[href$='/pdf']").click()
    page.goto(f"{url}verify")
    page.locator("input[type=file]").set_input_files(download.value.path())
    page.get_by_role("button", name="確かめる").click()
    page.wait_for_load_state("networkidle")
    page.locator("main .card").first.screenshot(path=FOLDER / "report-verify.png")


def _card(page: Page, name: str, file: str) -> None:
    page.locator(f"#{name}").screenshot(path=FOLDER / file)


def _wait(page: Page, address: str, there: Callable[[], bool], most_s: float) -> None:
    until = time.monotonic() + most_s
    while True:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        if there():
            return
        if time.monotonic() > until:
            raise SystemExit(f"{address} did not show in time what was waited for")
        time.sleep(2)


if __name__ == "__main__":
    main()
