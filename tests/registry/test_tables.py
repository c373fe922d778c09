"""Tables as Excel writes them, and what is said about what cannot be read."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.registry.columns import COLUMNS, MODELS
from ingest.registry.read import read
from ingest.registry.table import read_table
from schemas.device import NetworkKind
from tests.registry.files import messages, read_rows, table, written

pytestmark = pytest.mark.japanese


def wide(text: str) -> str:
    """The full-width form of ASCII characters, as a Japanese input method leaves them."""
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


PROJECTS = "事業コード,事業名,団体コード,交付決定日\r\nagri,髙橋地区 農業①,990001,2026/04/01\r\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932", "utf-16"])
def test_every_encoding_excel_saves_in_is_read(tmp_path: Path, encoding: str) -> None:
    reading = read([written(tmp_path, "projects.csv", PROJECTS, encoding)])
    assert messages(reading) == []
    (project,) = reading.document.projects
    assert (project.name, project.granted_on) == ("髙橋地区 農業①", date(2026, 4, 1))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_recognised(tmp_path: Path, separator: str) -> None:
    text = "通信網コード,事業,通信方式,名称\nlora,agri,LPWA,名\n".replace(",", separator)
    reading = read([written(tmp_path, "networks.csv", text)])
    assert messages(reading) == []
    assert [network.code for network in reading.document.networks] == ["lora"]


@pytest.mark.parametrize(
    ("written_as", "kind"),
    [
        ("LPWA", NetworkKind.LPWA),
        ("LoRaWAN", NetworkKind.LPWA),
        ("HaLow", NetworkKind.HALOW),
        ("Wi-Fi HaLow", NetworkKind.HALOW),
        ("ローカル5G", NetworkKind.LOCAL5G),
        ("ローカル\uff15\uff27", NetworkKind.LOCAL5G),
        ("ﾛｰｶﾙ5G", NetworkKind.LOCAL5G),
        ("無線LAN", NetworkKind.WIFI),
        ("その他", NetworkKind.OTHER),
    ],
)
def test_a_radio_technology_is_known_by_its_common_names(tmp_path: Path, written_as: str, kind: NetworkKind) -> None:
    text = f"通信網コード,事業,通信方式,名称\nn,agri,{written_as},名\n"
    reading = read([written(tmp_path, "networks.csv", text)])
    assert [network.kind for network in reading.document.networks] == [kind], messages(reading)


def test_full_width_characters_mean_their_ascii_ones_in_codes_and_numbers_only(tmp_path: Path) -> None:
    eui, interval, name = wide("70-b3-d5-7e-d0-00-00-01"), wide("1200"), wide("1号(北)")
    reading = read_rows(tmp_path, [f"{wide('paddy-1')},\u3000agri ,lora,\u3000{name} ,{eui},{interval}"])
    assert messages(reading) == []
    (device,) = reading.document.devices
    assert (device.code, device.project, device.interval_s) == ("paddy-1", "agri", 1200)
    assert (device.name, device.dev_eui) == (name, "70b3d57ed0000001")


def test_empty_rows_and_columns_at_the_edges_mean_nothing(tmp_path: Path) -> None:
    reading = read_rows(
        tmp_path,
        ["a,agri,lora,名,,600,,", ",,,,,,,", "", ",,,,,,,"],
        headings="機器コード,事業,通信網,機器名,DevEUI,送信間隔(秒),,",
    )
    assert messages(reading) == []
    assert [device.code for device in reading.document.devices] == ["a"]


@pytest.mark.parametrize("yes", ["○", "〇", "有", "はい", "true", "TRUE", "1", "\uff11"])
@pytest.mark.parametrize("no", ["×", "無", "いいえ", "false", "FALSE", "0"])
def test_yes_and_no_are_read_as_people_write_them(tmp_path: Path, yes: str, no: str) -> None:
    headings = "機器コード,事業,通信網,機器名,有効"
    reading = read_rows(tmp_path, [f"a,agri,lora,甲,{yes}", f"b,agri,lora,乙,{no}"], headings=headings)
    assert [device.enabled for device in reading.document.devices] == [True, False]


@pytest.mark.parametrize(
    "text", ["2026/04/01", "2026-04-01", "2026/4/1", "2026年4月1日", "令和8年4月1日", "R8.4.1", "2026/4/1 0:00"]
)
def test_a_date_is_read_in_every_common_notation(tmp_path: Path, text: str) -> None:
    reading = read_rows(tmp_path, [f"a,agri,lora,甲,{text}"], headings="機器コード,事業,通信網,機器名,設置日")
    assert [device.installed_on for device in reading.document.devices] == [date(2026, 4, 1)], messages(reading)


@pytest.mark.parametrize("ends", ["11-01,3-31", "11/1,3/31", "11月1日,3月31日", "2026/11/1,2026/3/31"])
def test_a_season_is_read_even_after_excel_has_made_dates_of_it(tmp_path: Path, ends: str) -> None:
    reading = read_rows(
        tmp_path, [f"a,agri,lora,甲,{ends}"], headings="機器コード,事業,通信網,機器名,運用開始,運用終了"
    )
    (device,) = reading.document.devices
    assert (device.season_from, device.season_to) == ("11-01", "03-31")


def test_an_interval_may_be_given_in_minutes(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, ["a,agri,lora,甲,10"], headings="機器コード,事業,通信網,機器名,送信間隔(分)")
    assert [device.interval_s for device in reading.document.devices] == [600]


def test_english_field_names_are_headings_too(tmp_path: Path) -> None:
    reading = read_rows(
        tmp_path, ["a,agri,lora,甲,70B3D57ED0000001,60"], headings="code,project,network,name,dev_eui,interval_s"
    )
    assert [device.interval_s for device in reading.document.devices] == [60], messages(reading)


def test_every_field_of_every_model_has_a_column() -> None:
    for kind, model in MODELS.items():
        assert {column.field for column in COLUMNS[kind]} == set(model.model_fields)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("12025", "Excel が先頭の0を消したようです。セルの書式を「文字列」にして 012025 と書いてください"),
        ("22216", "検査数字を付けて 222160 と書いてください"),
        ("222161", "検査数字が合いません(22216 なら 0)"),
        ("袋井市", "団体コードではありません"),
    ],
)
def test_a_wrong_organisation_code_is_answered_with_the_right_one(tmp_path: Path, code: str, said: str) -> None:
    reading = read([written(tmp_path, "p.csv", f"事業コード,事業名,団体コード\na,名,{code}\n")])
    (message,) = messages(reading)
    assert message.startswith("p.csv 2行目 団体コード: ")
    assert said in message


def test_every_problem_is_reported_at_once_with_its_row_and_column(tmp_path: Path) -> None:
    reading = read_rows(
        tmp_path,
        [
            "ok,agri,lora,甲,70B3D57ED0000001,600",
            "Paddy-2,agri,lora,乙,70B3D57ED000000,600",
            "",
            'p3,agri,lora,"二行の\r\n名",7.00E+15,ten',
            "p4,agri,,,,",
            "ok,agri,lora,丙,,",
        ],
    )
    upper, excel = messages(reading)[0], messages(reading)[2]
    assert upper.startswith("devices.csv 3行目 機器コード: 「Paddy-2」に大文字があります。paddy-2 と書いてください")
    assert excel.startswith("devices.csv 5行目 DevEUI: 「7.00E+15」は Excel が数値に変えた値です。")
    others = [message for message in messages(reading) if message not in (upper, excel)]
    assert others == [
        "devices.csv 3行目 DevEUI: 「70B3D57ED000000」は16桁の16進数ではありません。例 70B3D57ED0001234",
        "devices.csv 5行目 送信間隔(秒): 「ten」は読めません。秒を数字だけで書いてください(例 600)",
        "devices.csv 6行目 通信網: 空です。必ず書いてください",
        "devices.csv 6行目 機器名: 空です。必ず書いてください",
        "devices.csv 7行目: 機器 agri/ok は devices.csv 2行目にもあります。どちらか一方にしてください",
    ]  # fmt: skip
    assert [device.code for device in reading.document.devices] == ["ok"]


@pytest.mark.parametrize(
    ("cell", "heading", "said"),
    [
        ("46113", "設置日", "Excel の日付の通し番号です。2026-04-01 と書いてください"),
        ("2026/2/30", "設置日", "日付として読めません"),
        ("#N/A", "型式", "Excel のエラー値「#N/A」"),
        ("4.5E+12", "製造番号", "Excel が数値に変えた値です"),
        ("139.7", "緯度", "緯度と経度が逆"),
        ("35度40分", "緯度", "十進法の度"),
        ("たぶん", "有効", "○ か ×"),
        ("0", "送信間隔(秒)", "1秒以上31日以下"),
        ("11-01", "運用開始", "両方書くか両方空"),
        ("72623859790382", "DevEUI", "Excel が先頭の0を消したかもしれません"),
    ],
)
def test_a_cell_that_cannot_be_read_is_answered_with_what_to_write(
    tmp_path: Path, cell: str, heading: str, said: str
) -> None:
    reading = read_rows(tmp_path, [f"a,agri,lora,甲,{cell}"], headings=f"機器コード,事業,通信網,機器名,{heading}")
    (message,) = messages(reading)
    assert message.startswith("devices.csv 2行目")
    assert said in message


def test_an_unknown_heading_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, ["a,agri,lora,甲,1"], headings="機器コード,事業,通信網,機器名,送信間隔")
    (message,) = messages(reading)
    assert "「送信間隔(秒)」か「送信間隔(分)」ではありませんか" in message


def test_a_missing_column_is_reported_once_and_not_for_every_row(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, ["a,agri,甲", "b,agri,乙"], headings="機器コード,事業,機器名")
    assert messages(reading) == ["devices.csv 1行目: 見出し「通信網」の列がありません。必ず要る列です"]


def test_a_value_outside_the_headings_is_not_dropped_in_silence(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, ["a,agri,lora,甲,,600,memo"])
    assert messages(reading) == [
        "devices.csv 2行目 7列目: 見出しのない列に「memo」があります。見出しを付けるか、値を消してください"
    ]


def test_a_table_of_nothing_known_says_so(tmp_path: Path) -> None:
    reading = read([written(tmp_path, "x.csv", "名前,電話\n山田,0\n"), written(tmp_path, "y.csv", "")])
    unknown, empty = messages(reading)
    assert unknown.startswith("x.csv 1行目: 何の表か分かりません。")
    assert empty.startswith("y.csv 1行目: 表が空です。")


def test_an_excel_workbook_and_a_foreign_file_are_refused_with_the_way_out(tmp_path: Path) -> None:
    book = tmp_path / "devices.xlsx"
    book.write_bytes(b"PK\x03\x04rest")
    reading = read([book, written(tmp_path, "notes.docx", "x")])
    assert "CSV UTF-8" in messages(reading)[0]
    assert ".csv" in messages(reading)[1]


def test_two_tables_are_merged(tmp_path: Path) -> None:
    first = table(tmp_path, ["a,agri,lora,甲,,"], name="a.csv")
    second = table(tmp_path, ["b,agri,lora,乙,,"], name="b.csv")
    assert [device.code for device in read([first, second]).document.devices] == ["a", "b"]


@given(st.binary() | st.text().map(lambda text: f"機器コード,事業\n{text}".encode()))
def test_no_bytes_bring_the_reader_of_tables_down(content: bytes) -> None:
    contents = read_table("x.csv", content)
    assert contents.entries or contents.problems


@pytest.mark.parametrize("written_id", ["edge-1", "g/e/d/x", "g//d", "g/+", "g/#", "/e"])
def test_a_sparkplug_id_has_a_group_a_node_and_perhaps_a_device(tmp_path: Path, written_id: str) -> None:
    headings = "機器コード,事業,通信網,機器名,Sparkplug ID"
    reading = read_rows(tmp_path, [f"a,agri,lora,甲,{written_id}"], headings=headings)
    (message,) = messages(reading)
    assert "グループ/エッジノード/機器" in message
