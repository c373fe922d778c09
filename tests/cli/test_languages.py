"""One language per reader: every command, option and refusal has both, and no output mixes them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ingest.cli.click_texts import JAPANESE, MODULES
from ingest.cli.command import Option
from ingest.cli.main import cli, main
from ingest.cli.settings import rows
from ingest.settings.model import Settings
from ingest.settings.words import JAPANESE as SETTINGS
from schemas.bilingual import Bilingual, Language, language_of_call, language_of_environment, speaking
from tests.fixtures.service import RunNoroshi

ROOT = Path(__file__).parents[2]
KANA = re.compile("[\\u3041-\\u30fa\\u30fc-\\u30ff\\u4e00-\\u9fff]")
ENGLISH = re.compile(r"\b(the|of|and|is|are|to|in|for|with|this|that|not|there|be)\b", re.IGNORECASE)
SOURCES = [*ROOT.glob("ingest/**/*.py"), *ROOT.glob("schemas/**/*.py")]

TERMS = ("警報", "注意報", "予報", "市設定基準1", "袋井市")
"""Names that have no other language."""


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of ours by its path: read by the first test that asks, and not by every test process."""
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in SOURCES}


def commands(context: click.Context) -> Iterator[tuple[str, click.Context]]:
    """Every command with its words, from the top."""
    command = context.command
    yield context.command_path, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(click.Context(below, info_name=name, parent=context))


def every_command() -> dict[str, click.Context]:
    return dict(commands(click.Context(cli, info_name="noroshi")))


def mixed(said: Bilingual) -> str:
    """Why a sentence is not in its languages; empty if it is."""
    english = said.en
    for term in TERMS:
        english = english.replace(term, "")
    if KANA.search(english):
        return f"Japanese in English: {said.en}"
    if ENGLISH.search(said.en) and not KANA.search(said.ja):
        return f"English in Japanese: {said.ja}"
    return ""


def test_every_command_and_every_option_says_what_it_is_for_in_both_languages() -> None:
    wrong: list[str] = []
    for words, context in every_command().items():
        said = getattr(context.command, "said", None)
        wrong += [f"{words}: no help"] if said is None else filter(None, [mixed(said)])
        options = [param for param in context.command.params if isinstance(param, click.Option)]
        wrong += [f"{words} {one.name}: no help" for one in options if not isinstance(one, Option)]
        wrong += [why for one in options if isinstance(one, Option) and (why := mixed(one.said))]
        assert any("--lang" in one.opts for one in options), words
    assert wrong == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_help_of_every_command_is_in_one_language(language: Language) -> None:
    wrong = []
    for words in every_command():
        arguments = [*words.split()[1:], "--help", "--lang", language]
        with speaking(language):
            said = CliRunner().invoke(cli, arguments).output
        example = re.compile(r"^ *noroshi .*$|--[a-z-]+", re.MULTILINE)
        lines = [line for line in example.sub("", said).splitlines() if "[OPTIONS]" not in line]
        wrong += [line for line in lines if (KANA if language == "en" else ENGLISH).search(line)]
    assert wrong == []


def literals(call: ast.Call) -> list[str | None]:
    """What a call is given, as text with its gaps left out; None for what is put together elsewhere."""
    found: list[str | None] = []
    for argument in call.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            found.append(argument.value)
        elif isinstance(argument, ast.JoinedStr):
            parts = [part.value for part in argument.values if isinstance(part, ast.Constant)]
            found.append("{}".join(map(str, parts)))
        else:
            found.append(None)
    return found


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield f"{path}:{node.lineno}", node


def test_no_sentence_lacks_its_other_language_or_mixes_them() -> None:
    wrong, count = [], 0
    for place, call in calls("Bilingual"):
        ja, en = (*literals(call), None, None)[:2]
        if ja is not None and en is not None:
            count += 1
            why = mixed(Bilingual(ja, en))
            wrong += [f"{place}: {why}"] if why else []
    assert wrong == []
    assert count > 500


def test_what_is_quoted_is_nobodys_sentence() -> None:
    wrong = [
        f"{place}: {text}" for place, call in calls("quoted") for text in literals(call)
        if text and (KANA.search(text) or ENGLISH.search(text))
    ]  # fmt: skip
    assert wrong == []


TOPIC = "noroshi/v1/tea/a/up"
REGISTRY = """
projects: [{code: tea, name: 茶園}]
networks: [{code: lora, project: tea, kind: lpwa, name: LoRa}]
devices: [{code: a, project: tea, network: lora, name: 甲}]
"""

TYPED = ("CallRefused", "SettingsRefused", "StoreUnavailable", "BrokerRefused", "BrokerUnavailable", "NoroshiError")


def test_no_refusal_is_a_text_of_one_language() -> None:
    """mypy says the same of each of them; here it is said of a `ValueError` too, where a model or a cell refuses."""
    rooms = ("schemas/", "ingest/registry/", "ingest/settings/")
    ours = ("schemas/quantity.py", "schemas/profiles/")  # a catalogue that contradicts itself is for who changes it
    wrong = [place for name in TYPED for place, call in calls(name) if any(text for text in literals(call))]
    wrong += [
        place for place, call in calls("ValueError")
        if place.startswith(rooms) and not place.startswith(ours) and any(text for text in literals(call))
    ]  # fmt: skip
    assert wrong == []


def test_commands_print_sentences_and_no_texts() -> None:
    wrong = [place for place, call in calls("say") if "/cli/" in place and any(text for text in literals(call))]
    echoed = [
        f"{path}:{node.lineno}"
        for path, tree in trees().items() if path.startswith("ingest/cli/") and not path.endswith("/say.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("echo", "secho", "option", "command", "group")
        and isinstance(node.value, ast.Name) and node.value.id == "click"
        and not path.endswith(("/command.py", "/main.py"))
    ]  # fmt: skip
    assert [*wrong, *echoed] == []


def test_click_has_nothing_to_say_that_we_have_not_translated() -> None:
    asked = set()
    for name in MODULES:
        source = Path(str(import_module(f"click.{name}").__file__)).read_text("utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
                asked |= {text for text in literals(node) if text is not None}
    never = re.compile(
        r"Deprecation|Could not determine|No options defined|Arguments take|Name '|Boolean option|Do you want|Confirm"
    )
    asked = {text for text in asked if not never.match(text)}
    assert asked - set(JAPANESE) == set()


def test_every_setting_has_its_meaning_in_both_languages() -> None:
    names = {name: meaning for name, _, meaning in rows(Settings.model_construct())}
    assert set(SETTINGS) == set(names)
    assert [name for name, text in SETTINGS.items() if not KANA.search(text)] == []
    assert [name for name, text in names.items() if KANA.search(text)] == []


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "java"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ja_JP.eucJP"}, "ja"),
        ({"LC_MESSAGES": "en_US", "LC_ALL": "ja_JP"}, "ja"),
        ({"LC_ALL": "", "LANG": "ja_JP"}, "ja"),
        ({"LC_ALL": "C", "LANG": "ja_JP"}, "en"),
        ({"NOROSHI_LANG": "ja", "LC_ALL": "C"}, "ja"),
        ({"NOROSHI_LANG": "en", "LC_ALL": "ja_JP"}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale(environment: dict[str, str], language: str) -> None:
    assert language_of_environment(environment) == language


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("registry apply --lang ja x.yaml", "ja"),
        ("--lang=ja registry", "ja"),
        ("doctor --language ja", "ja"),
        ("--lang en --lang ja", "ja"),
        ("--lang", "en"),
        ("--lang fr", "en"),
        ("annul -- --lang ja", "en"),
    ],
)
def test_what_the_call_says_wins_wherever_it_stands(words: str, language: str) -> None:
    assert language_of_call(words.split(), {}) == language


@pytest.mark.parametrize(
    ("words", "ja", "en"),
    [
        ("nothing", "誤り: 命令 'nothing' はありません。", "Error: No such command 'nothing'."),
        ("quarantine show x", "の値が使えません: 'x' は数値(integer)として読めません。", "'x' is not a valid integer."),
        (
            "retention set --project p",
            "誤り: オプションがありません '--kind'. 次から選んでください",
            "Missing option '--kind'",
        ),
        (
            "annul --project p --device d --from x --who w --why y",
            "時刻ではありません",
            "'x' is no time; write 2026-08-01",
        ),
        ("report usage --project p --month x -o f", "対象月は 2026-11 のように", "write a month as YYYY-MM"),
        ("decode --hex 00 --profile x", "プロファイル x はありません", "there is no profile x"),
        ("decode", "フレーム(--profile CODE --hex BYTES)か", "give a frame"),
        ("db status --database postgresql://127.0.0.1:1/x", "につながりません", "no connection to"),
        ("db status --database x", "postgresql://user:password@host:5432/database の形で", "write postgresql://"),
        ("quantities --database mysql://x --project p", "の形で書いてください", "write postgresql://"),
    ],
)
def test_a_refusal_is_in_the_language_of_its_reader(run_noroshi: RunNoroshi, words: str, ja: str, en: str) -> None:
    code = 1 if "127.0.0.1:1" in words else 2
    for language, said, other in (("ja", ja, en), ("en", en, ja)):
        done = run_noroshi(*words.split(), code=code, NOROSHI_LANG=language)
        assert said in done.stderr
        assert other not in done.stderr
        assert (KANA if language == "en" else re.compile(r"\bError:|\bwrite\b")).search(done.stderr) is None


def test_a_wrong_setting_is_refused_in_the_language_of_its_reader(run_noroshi: RunNoroshi) -> None:
    for name, value, ja, en in (
        ("NOROSHI_WEB__PORT", "x", "整数で書いてください", "Input should be a valid integer"),
        ("NOROSHI_INTAKE__WRITERS", "0", "1 以上にしてください", "greater than or equal to 1"),
        ("NOROSHI_LOG__LEVEL", "loud", "のどれかを書いてください", "Input should be 'debug'"),
        ("NOROSHI_WEBB__PORT", "1", "そのような設定はありません", "there is no such setting"),
        ("NOROSHI_SPARKPLUG__HOST_ID", "a/b", "トピックの一段です", "it is one level of a topic"),
    ):
        assert ja in run_noroshi("settings", code=2, NOROSHI_LANG="ja", **{name: value}).stderr
        said = run_noroshi("settings", code=2, NOROSHI_LANG="en", **{name: value}).stderr
        assert en in said
        assert not KANA.search(said)


def test_settings_and_quantities_are_printed_in_one_language(run_noroshi: RunNoroshi) -> None:
    assert not KANA.search(run_noroshi("settings", NOROSHI_LANG="en").stdout)
    assert "未設定" in run_noroshi("settings", NOROSHI_LANG="ja").stdout
    english = run_noroshi("quantities", NOROSHI_LANG="en").stdout.splitlines()
    assert [line for line in english if KANA.search(line) and "seismic_scale" not in line] == []  # its states
    assert "soil_temperature         地温" in run_noroshi("quantities", NOROSHI_LANG="ja").stdout


def test_what_machines_read_does_not_change_with_the_language(run_noroshi: RunNoroshi, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"ts": "2026-11-24T09:00:00+09:00", "readings": {"air_temperature": "x"}}')
    (tmp_path / "r.yaml").write_text(REGISTRY)
    check = ("check", "--topic", TOPIC, "--file", "m.json", "--registry", "r.yaml", "--json")
    for words, code in ((("quantities", "--json"), 0), (("doctor", "--only", "ntp", "--json"), 0), (check, 1)):
        one, other = (run_noroshi(*words, code=code, NOROSHI_LANG=language).stdout for language in ("ja", "en"))
        assert one == other


def test_main_leaves_the_language_of_the_call_in_force(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--lang", "ja", "nothing"])
    assert "命令 'nothing' はありません" in capsys.readouterr().err
