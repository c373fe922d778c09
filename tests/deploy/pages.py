"""The pages a person installs by, as data: their commands, the files and the links they name."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.deploy.installation import REPOSITORY

INSTALLED = "/opt/noroshi/"
WORDS = r"(?: (?:--)?[A-Za-z0-9./_-]+)+"


def commands(page: Path) -> str:
    """All blocks of sh, one after the other."""
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))


def calls(text: str) -> Iterator[list[str]]:
    """The words behind `noroshi`, or `ask` as the handbook says, wherever it is called, to the end of the command."""
    for found in re.finditer(rf"(?:^|`|/bin/|-- |; )(?:noroshi|ask)({WORDS})", text, re.MULTILINE):
        yield found[1].split()


def installed_files(text: str) -> set[Path]:
    """The files of the checkout that the text names where they are installed."""
    found = {name.rstrip(".") for name in re.findall(rf"{INSTALLED}((?:deploy|docs)/[\w./-]+)", text)}
    return {REPOSITORY / name for name in found if not name.endswith("-")}


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Each link to a file beside the page, and the anchor in it."""
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        if "://" not in target:
            yield (page if not name else (page.parent / name).resolve()), anchor


def anchors(page: Path) -> set[str]:
    """What a link into the page may name: its headings, as a forge spells them, and the anchors set by hand."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    spelt = {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
    return spelt | set(re.findall(r'<a id="([^"]+)">', text))
