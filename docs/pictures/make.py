"""Take the pictures of the README from the running demonstration: `make pictures`."""

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent
LIVE_S = 150
"""Long enough for the dead gateway and the first faults to show."""

CHROMIUM = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    """Start a demonstration of its own, look at it, stop it."""
    with tempfile.TemporaryDirectory(prefix="noroshi-pictures-") as folder:
        Path(folder).chmod(0o755)
        command = [sys.executable, "-m", "ingest", "demo", "--data", folder, "--port", "0", "--no-browser"]
        demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own program
        try:
            url = _said(demo, r"(http://127\.0\.0\.1:\d+/)", lambda _: True)
            _said(demo, r"^live (\d+)s", lambda seconds: int(seconds) >= LIVE_S)
            with sync_playwright() as playwright:
                program = shutil.which("chromium") or shutil.which("google-chrome")
                browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
                _pictures(browser, url)
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


def _pictures(browser: Browser, url: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="ja-JP", timezone_id="Asia/Tokyo")
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "overview.png")
    page.goto(f"{url}quarantine")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "quarantine.png")
    with urllib.request.urlopen(f"{url}api/v1/devices?limit=500") as answer:  # noqa: S310  our own address
        found = json.load(answer)["devices"]
    river = next(one for one in found if one["device"].startswith("river"))
    page.goto(f"{url}devices/{river['project']}/{river['device']}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "device.png")


if __name__ == "__main__":
    main()
