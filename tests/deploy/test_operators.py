"""The operator's handbook: a section for each alert in both languages, links that lead on, commands that exist."""

import re
import subprocess
from pathlib import Path

import click
import pytest
import yaml

from ingest.cli.main import cli
from tests.deploy.installation import DEPLOY, REPOSITORY
from tests.deploy.pages import anchors, calls, commands, links

JA = REPOSITORY / "docs/operators.ja.md"
EN = REPOSITORY / "docs/operators.md"
ACCESS = (REPOSITORY / "docs/access.ja.md", REPOSITORY / "docs/access.md")
PAGES = [JA, EN, *ACCESS, DEPLOY / "kubernetes/README.md", DEPLOY / "README.md"]
RULES = [
    rule
    for file in sorted((DEPLOY / "prometheus/rules").glob("*.yml"))
    for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
    if "alert" in rule
]
STEPS = {JA: ("何が起きているか", "まず見るもの", "どうするか"), EN: ("What happens", "Look first", "What to do")}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
each_handbook = pytest.mark.parametrize("page", STEPS, ids=lambda page: str(page.relative_to(REPOSITORY)))


def kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


@each_handbook
def test_every_alert_has_its_section_and_no_section_is_of_an_alert_that_is_gone(page: Path) -> None:
    sections = dict(SECTIONS[page])
    assert set(sections) == {kebab(rule["alert"]) for rule in RULES}
    for anchor, body in sections.items():
        for step in STEPS[page]:
            assert f"**{step}**: " in body, (anchor, step)


SECTIONS: dict[Path, list[tuple[str, str]]] = {
    page: re.findall(r'<a id="([^"]+)"></a>\n(.*?)(?=<a id|^## )', page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    for page in STEPS
}


def test_an_alert_leads_to_its_section() -> None:
    for rule in RULES:
        for annotation, handbook in (("runbook", JA), ("runbook_en", EN)):
            page, _, anchor = rule["annotations"][annotation].partition("#")
            assert REPOSITORY / page == handbook
            assert anchor == kebab(rule["alert"])


@each_page
def test_the_links_lead_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target), anchor


@each_page
def test_the_shell_understands_every_command(page: Path) -> None:
    done = subprocess.run(["bash", "-n"], input=commands(page), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_both_handbooks_have_the_same_commands() -> None:
    assert commands(JA) == commands(EN)


@each_handbook
def test_the_commands_of_the_program_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    called = [*calls(text)]
    assert len(called) > 10
    for words in called:
        command: click.Command = cli
        for word in words:
            if isinstance(command, click.Group):
                found = command.get_command(click.Context(command), word)
                assert found is not None, words
                command = found
            elif word.startswith("--"):
                assert word in {option for parameter in command.params for option in parameter.opts}, words


@each_handbook
def test_what_we_say_is_never_called_a_warning_of_the_authorities(page: Path) -> None:
    text = page.read_text("utf-8")
    assert not re.search("警報|予報", text)
