"""README.txt: how to read the files with nothing but common programs, Japanese first."""

from ingest.handover.manifest import Manifest
from schemas.japan import JST

_TEXT = """\
{name}({code})のデータ一式
{made_at:%Y-%m-%d %H:%M} UTC に {program} が書き出しました(作成者 {made_by})。読むのに Noroshi は要りません。

ファイル
{files_ja}
  manifest.json  各ファイルの件数、大きさ、SHA-256、列の意味と単位、期間、並び順
  SHA256SUMS     照合用。sha256sum -c SHA256SUMS

同じ内容が Parquet と CSV の両方にあります。月ごとのファイルは日本時間の月で分かれています。
CSV は UTF-8(BOM つき)、カンマ区切り、改行 CRLF、1行目が見出しです。引用符なしの空欄は「値なし」です。
= + - @ で始まる文字列は、表計算ソフトが数式とみなさないよう、CSV では前に ' が付きます(Parquet は元のまま)。
日時は UTC です。日本時間は9時間を足します。値の単位は quantity.csv にあります。
機器や測定項目は番号ではなくコードで書いてあります。{gone_ja}

読み方
  Excel    *.csv はそのまま開けます。*.csv.gz は展開してから開きます(1,048,576行まで)。
           団体コードの先頭の0が消えるときは「データ」→「テキストまたは CSV から」で文字列として読み込みます。
  Python   pandas.read_parquet("reading")
           pandas.read_csv("{csv}")
           提出版のファイルを取り出す:
           for r in pandas.read_parquet("report_file.parquet").itertuples():
               open(f"{{r.report}}_{{r.name}}", "wb").write(r.content)
  DuckDB   select device, quantity, avg(value) from 'reading/*.parquet' group by all;
  Noroshi  noroshi import この場所 --verify    ファイルの照合
           noroshi import この場所             空のデータベースに取り込む
           noroshi import この場所 --compare   データベースと比べる

----------------------------------------------------------------------

All data of {name} ({code}), written by {program} at {made_at:%Y-%m-%d %H:%M} UTC ({made_by}).
It needs no Noroshi to be read.

Files
{files_en}
  manifest.json  rows, size and SHA-256 of each file; meaning and unit of each column; time spans; sort order
  SHA256SUMS     to check the files: sha256sum -c SHA256SUMS

Parquet and CSV hold the same. Monthly files are cut at the months of Japan (UTC+9).
CSV: UTF-8 with byte order mark, commas, CRLF, one heading line. An empty cell without quotes is "unknown".
A text that begins with = + - or @ has an apostrophe before it in CSV, so that no
spreadsheet computes it; Parquet has it as it is.
Times are UTC. The unit of a value stands in quantity.csv.
Devices and quantities are named by code, never by number.{gone_en}

  Excel    opens *.csv; unpack *.csv.gz first (1,048,576 lines at most)
  Python   pandas.read_parquet("reading")
           pandas.read_csv("{csv}")
           the files of frozen reports, as they were handed in:
           for r in pandas.read_parquet("report_file.parquet").itertuples():
               open(f"{{r.report}}_{{r.name}}", "wb").write(r.content)
  DuckDB   select device, quantity, avg(value) from 'reading/*.parquet' group by all;
  Noroshi  noroshi import DIR --verify | noroshi import DIR | noroshi import DIR --compare
"""


def readme(manifest: Manifest) -> str:
    """The text, with CRLF and byte order mark, since the reader may have nothing but Notepad."""
    width = max((len(part.name) for part in manifest.parts), default=0)
    lines = {
        language: "\n".join(
            f"  {part.name:<{width}}  {getattr(part, language)} ({part.rows:,})" for part in manifest.parts
        )
        for language in ("ja", "en")
    }
    text = _TEXT.format(
        name=manifest.project.name,
        code=manifest.project.code,
        made_at=manifest.made_at,
        made_by=manifest.made_by,
        program=manifest.program,
        files_ja=lines["ja"],
        files_en=lines["en"],
        csv=_some_csv(manifest),
        **_gone(manifest),
    )
    return "\ufeff" + text.replace("\n", "\r\n")


def _gone(manifest: Manifest) -> dict[str, str]:
    if manifest.raw_from is None:
        return {"gone_ja": "", "gone_en": ""}
    day = manifest.raw_from.astimezone(JST).date()
    return {
        "gone_ja": f"\n{day} より前の測定値または受信記録は、保存期間を過ぎて削除されています。集計は残っています。",
        "gone_en": f"\nReadings or messages before {day} were let go after their period of retention; sums are here.",
    }


def _some_csv(manifest: Manifest) -> str:
    reading = manifest.part("reading")
    paths = [file.path for file in reading.files if file.format == "csv"] if reading else []
    return paths[0] if paths else "quantity.csv"
