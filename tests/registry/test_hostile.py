"""A registry file somebody made on purpose, or by accident, is refused with a line and a sentence, at once."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.registry import yaml_limits
from ingest.registry.problem import MAX_PROBLEMS
from ingest.registry.read import MAX_BYTES, read
from tests.registry.files import messages

pytestmark = pytest.mark.japanese

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = f"a: &a {{{','.join(f'k{nth}: 1' for nth in range(1000))}}}\nb: {{<<: [{','.join(['*a'] * 1000)}]}}\n"
PROFILE = "profiles:\n- {{code: p, name: p, fields: {{t: {{quantity: air_temperature, scale: {}}}}}}}\n"
DEVICE = "devices:\n- {{code: d, project: p, network: n, name: x, {}}}\n"


def refused(folder: Path, name: str, content: str | bytes) -> list[str]:
    """What is said of it; within ten seconds of the processor, and never with a traceback."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    began_s = time.process_time()
    found = messages(read([path]))
    assert time.process_time() - began_s < 10
    assert found
    assert max(map(len, found)) < 12_000
    return found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LAUGHS, "6行目: 大きすぎます"),
        (MERGES, "2行目: 大きすぎます"),
        ("devices: &a [*a]\n", "1行目: 「*a」が自分自身を指しています"),
        ("devices:\n- &a {<<: *a, code: x}\n", "2行目: 「*a」が自分自身を指しています"),
        ("devices: " + "[" * 100_000, "1行目: 入れ子が深すぎます"),
        ("devices: " + "{a: " * 100_000, "1行目: 入れ子が深すぎます"),
        ("".join(" " * deep + "a:\n" for deep in range(200)), "33行目: 入れ子が深すぎます"),
        (f"devices: '{'x' * 1_000_000}'", "1行目: 長すぎる値です"),
        ("? [a, b]\n: c\n", "1行目: 項目の名前は、文字で書いてください"),
        ("a: &a [x]\n*a : c\n", "2行目: 項目の名前は、文字で書いてください"),
        ("devices:\n- {code: *nobody}\n", "2行目: YAML として読めません"),
        ("devices: []\n---\ndevices: []\n", "YAML として読めません"),
        (b"devices: \0\n", "1行目: YAML として読めません"),
        (
            "profiles:\n- {code: p, name: p, fields: {t: air_temperature, t: air_humidity}}\n",
            "「t」が二度書かれています",
        ),
        (PROFILE.format("9" * 6_000), "scale"),
        (PROFILE.format("1e999"), "scale"),
        (PROFILE.format(".inf"), "scale"),
        (DEVICE.format(f"interval_s: {'9' * 6_000}"), "interval_s"),
        (DEVICE.format("installed_on: 99999-99-99"), "installed_on"),
        (DEVICE.format("installed_on: 0000-00-00"), "installed_on"),
        (DEVICE.format(f"latitude: {'9' * 6_000}"), "latitude"),
        (DEVICE.format("latitude: 1e999, longitude: nan"), "latitude"),
    ],
)
def test_a_document_that_is_more_than_it_seems_is_refused_by_line(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    found = refused(tmp_path, "a.yaml", content)
    assert any(said in one for one in found), found
    assert all("a.yaml" in one for one in found)


def test_a_document_of_very_many_entries_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_limits, "MAX_NODES", 10_000)
    (said,) = refused(tmp_path, "a.yaml", "devices:\n" + "- a\n" * 20_000)
    assert said.startswith("a.yaml 9999行目: 大きすぎます")


def test_a_document_in_which_everything_is_wrong_says_so_much_and_no_more(tmp_path: Path) -> None:
    found = refused(tmp_path, "a.yaml", "devices:\n" + "- {code: a, invented: 1}\n" * 20_000)
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1] == "ほかにも誤りがあります"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("," * 1_000_000, "列が多すぎます"),
        ("機器コード,事業\n" + "a,b\n" * 100_001, "100001行目: 表が大きすぎます"),
        ("機器コード,事業\n" + "x" * 200_000 + ",b\n", "表として読めません"),
        ("機器コード,事業\n" + "x" * 20_000 + ",b\n", "2行目: 長すぎる値です"),
        ('機器コード,事業\n"a,b\nc,d\n', "引用符"),
        (b"a\0b,c", "文字ではないデータ"),
        ("機器コード," + ",".join(f"invented{nth}" for nth in range(400)), "という見出しはありません"),
        ("機器コード,事業,送信間隔(秒)\nd,p," + "9" * 6_000, "送信間隔(秒)"),
        (b"PK\x03\x04" + bytes(1000), "Excel ブックのままです"),
        (b"\xff\xfe" + b"\x00\xd8" * 100, "文字コードが読めません"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, content: str | bytes, said: str) -> None:
    found = refused(tmp_path, "a.csv", content)
    assert any(said in one for one in found), found


@pytest.mark.parametrize("name", ["a.yaml", "a.csv"])
def test_a_file_that_is_too_large_or_no_file_is_not_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()
    os.truncate(path, MAX_BYTES + 1)
    assert messages(read([path]))[0].startswith(f"{name} 1行目: 大きすぎます")
    path.unlink()
    os.mkfifo(path)
    assert messages(read([path])) == [f"{name} 1行目: 普通のファイルではありません"]
    path.unlink()
    path.symlink_to("/dev/zero")
    assert messages(read([path])) == [f"{name} 1行目: 普通のファイルではありません"]


def test_the_command_refuses_a_bomb_with_code_2_and_little_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.yaml"
    bomb.write_text(LAUGHS, encoding="utf-8")
    payload = tmp_path / "payload"
    payload.symlink_to("/dev/zero")
    for words in (
        ["check", "--topic", "t", "--file", "/dev/null", "--registry", str(bomb)],
        ["decode", "--from", str(bomb), "--profile", "p", "--hex", "00"],
        ["decode", "--map", "tasmota", str(payload)],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "ingest", *words], capture_output=True, text=True, check=False, timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30)),
        )  # fmt: skip
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
        assert "大きすぎます" in done.stderr
