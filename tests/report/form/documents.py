"""Documents of reports as the tests of forms want them: small, and with everything that may stand in one."""

from datetime import date, datetime
from decimal import Decimal

from schemas.japan import JST, FiscalYear
from schemas.report import ReportProject
from schemas.report_document import (
    Cell,
    CellKind,
    Column,
    FieldOf,
    Fields,
    LayoutRef,
    Lines,
    Period,
    ReportDocument,
    ReportKind,
    Row,
    Said,
    Section,
    Table,
    Written,
    WrittenCell,
)

MADE_AT = datetime(2027, 4, 10, 9, 0, tzinfo=JST)
NO_BASE = Said(ja="基準値がありません", en="there is no base value")
HOSTILE = '=1+1 #read("/etc/passwd") *a* $x$ <l> @r \\n "q" \u202egnp.\u202c\x07'
"""A formula, the markup of typst, and characters that no page shows."""


def make_document(rows: int = 3, *sections: Section) -> ReportDocument:
    """A yearly report with fields, a wide table of so many rows, people's words and sentences; or these sections."""
    return ReportDocument(
        kind=ReportKind.YEARLY,
        title="運用状況等報告書",
        project=ReportProject(
            code="paddy", name="水管理 & 防災", organisation_code="222160", organisation_name="袋井市",
            grant_number="総情地第123号",
        ),
        period=Period.of_year(FiscalYear(2026), MADE_AT),
        report_of=(1, 5),
        made_at=MADE_AT,
        software="Noroshi 0.1.0",
        plan_number=3,
        layout=LayoutRef(kind=ReportKind.YEARLY, edition="令和8年度版", digest="0" * 64),
        marks=(Said(ja="4月の集計はまだ終わっていません", en="April is not summed up yet"),),
        sections=sections or (fields(), written(), lines(), devices(rows), stops()),
        evidence=(),
    )  # fmt: skip


def fields() -> Fields:
    """Three across, with a reference value, a date and a missing one."""
    return Fields(
        code="use",
        title="利用状況",
        across=3,
        fields=(
            _field("rate", "データ取得率", CellKind.PERCENT, Cell(value=Decimal("79.9"), reference_only=True), 1),
            _field("expected", "期待受信数", CellKind.COUNT, Cell(value=10_512_000), unit="件"),
            _field("granted", "交付決定日", CellKind.DATE, Cell(value=date(2025, 6, 1))),
            _field("saved", "削減時間", CellKind.NUMBER, Cell(missing=NO_BASE), 1, "時間"),
            _field("hostile", "備考", CellKind.TEXT, Cell(value=HOSTILE)),
        ),
    )


def _field(
    code: str, label: str, kind: CellKind, cell: Cell, decimals: int = 0, unit: str = ""
) -> FieldOf:  # fmt: skip
    return FieldOf(code=code, label=label, kind=kind, cell=cell, decimals=decimals, unit=unit)


def devices(rows: int) -> Table:
    """Sixteen columns: too many for one page of A4."""
    kinds = [("code", "機器コード", CellKind.TEXT, 14), ("name", "機器名", CellKind.TEXT, 20)]
    kinds += [(f"n{place}", f"数{place}", CellKind.COUNT, 10) for place in range(13)]
    kinds += [("note", "備考", CellKind.TEXT, 24)]
    return Table(
        code="devices",
        title="機器一覧",
        annex=1,
        wide=True,
        columns=tuple(Column(code=code, heading=text, kind=kind, width=wide) for code, text, kind, wide in kinds),
        rows=tuple(_device(number) for number in range(rows)),
        total=Row(key="total", cells=(Cell(value="合計"), Cell(), *[Cell(value=rows * 7)] * 13, Cell())),
        note="率は切り捨てです。",
    )


def _device(number: int) -> Row:
    numbers = [Cell(value=1000 * number + place, reference_only=place == number % 50) for place in range(12)]
    note = Cell(
        value="電池の交換のため、六月に二日止めました。復旧まで地区の人が目で見ています。" if number % 7 == 0 else None
    )
    code = f"W-{number:04d}" if number != 1 else "0123456789ABCDEF0123456789abcdef"
    return Row(
        key=code,
        cells=(Cell(value=code), Cell(value=f"田川第{number}水位計"), *numbers, Cell(missing=NO_BASE), note),
    )


def stops() -> Table:
    """A small table without rows."""
    columns = (
        Column(code="device", heading="機器"),
        Column(code="began", heading="開始", kind=CellKind.MOMENT, width=16),
    )
    return Table(code="stops", title="停止一覧", annex=2, columns=columns, rows=())


def written() -> Written:
    """One answered and one open place for people's words."""
    cells = (
        WrittenCell(key="whole", label="全体", text="基地局の停電が二回。", author="鈴木", written_at=MADE_AT),
        WrittenCell(key="kpi1", label="水管理時間"),
    )
    return Written(code="factors", title="要因分析", prompt="取得率が下がった要因", cells=cells)


def lines() -> Lines:
    """Two sentences."""
    return Lines(
        code="method",
        title="算出方法",
        annex=4,
        lines=("データ取得率は有効受信数÷期待受信数です。", "時刻は日本時間です。"),
    )
