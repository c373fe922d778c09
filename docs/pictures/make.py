"""Take the pictures of the README from the running demonstration: `make pictures`."""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent
LIVE_S = 45
"""Long enough for the dead gateway and the first faults to show."""

CHROMIUM = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    """Start a demonstration of its own, look at it, stop it."""
    with tempfile.TemporaryDirectory(prefix="noroshi-pictures-") as folder:
        Path(folder).chmod(0o755)
        command = [sys.executable, "-m", "ingest", "demo", "--data", folder, "--port", "0", "--no-browser"]
        demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own program
        try:
            url = _url(demo)
            _until_live(url)
            with sync_playwright() as playwright:
                program = shutil.which("chromium") or shutil.which("google-chrome")
                browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
                _pictures(browser, url)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(120)


def _url(demo: "subprocess.Popen[str]") -> str:
    assert demo.stdout is not None  # it is a pipe
    for line in demo.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
            return found[0]
    raise SystemExit("the demonstration did not start")


def _until_live(url: str) -> None:
    """Until the history is in and the field has spoken for a while."""
    before, steady = -1, 0
    while steady < LIVE_S:
        time.sleep(1)
        with urllib.request.urlopen(f"{url}readyz") as answer:  # noqa: S310  our own address
            assert answer.status == 200
        before, steady = 0, steady + 1
    del before


def _pictures(browser: Browser, url: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="ja-JP", timezone_id="Asia/Tokyo")
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "overview.png")
    page.goto(f"{url}quarantine")
    page.screenshot(path=FOLDER / "quarantine.png")
    with urllib.request.urlopen(f"{url}api/v1/devices") as answer:  # noqa: S310
        found = re.findall(rb'"project":\s*"([\w.-]+)".{0,400}?"device":\s*"(river[\w.-]+)"', answer.read(), re.DOTALL)
    project, device = (part.decode() for part in found[0])
    page.goto(f"{url}devices/{project}/{device}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "device.png")


if __name__ == "__main__":
    main()
