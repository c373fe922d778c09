"""Plans read from files as clerks write them: every mistake at once, each with file, line and field."""

from pathlib import Path

import pytest

from ingest.plan.document.merge import document_of
from ingest.plan.document.read import read
from ingest.plan.document.refused import PlanRefused
from ingest.plan.document.write import as_yaml, kpis_csv
from ingest.plan.document.years import year_written
from schemas.plan import PlanDocument
from tests.plan.document.example import body, document, kpi

PLAN = """\
project: tea
title: 茶園見守り
begins: 2026-04-01
ends: 2031-03-31
boxes:
  - {code: data, stage: output, label: データ, leads_to: [hours]}
  - {code: hours, stage: outcome, label: 見回り時間の削減}
kpis:
  - code: patrol_hours
    label: 見回り時間
    box: hours
    unit: 時間
    formula: gain
    baseline: {value: 260, fiscal_year: 令和6年度, source: 聞き取り}
    targets:
      R8: 200
      2027年度: 150
    evidence: {kind: work, kinds: [patrol]}
    owner: 農政課
costs:
  - {kind: cloud, capital: false, fiscal_year: 2026, yen: '1200000', begins: 2026-10-01, covers_months: 60}
  - kind: equipment
    capital: true
    fiscal_year: R8
    yen: 12,000,000
"""


def wanted(tmp_path: Path, base: PlanDocument | None = None, **files: str | bytes) -> PlanDocument:
    """The document of these files; the last underscore of a name stands for the point before its ending."""
    paths = []
    for name, content in files.items():
        path = tmp_path / ".".join(name.rsplit("_", 1))
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths.append(path)
    found = read(paths)
    if found.problems:
        raise PlanRefused(found.problems)
    (source,) = found.sources.values()
    return document_of(source, base)


def refused(tmp_path: Path, base: PlanDocument | None = None, **files: str | bytes) -> list[str]:
    with pytest.raises(PlanRefused) as caught:
        wanted(tmp_path, base, **files)
    return [problem.said.en for problem in caught.value.problems]


def test_a_plan_as_a_clerk_writes_it(tmp_path: Path) -> None:
    plan = wanted(tmp_path, plan_yaml=PLAN)
    hours = plan.kpis[0]
    assert hours.targets == {2026: 200, 2027: 150}
    assert hours.baseline is not None
    assert hours.baseline.fiscal_year == 2024
    assert [(cost.yen, cost.fiscal_year) for cost in plan.costs] == [(1_200_000, 2026), (12_000_000, 2026)]


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    wrong = (
        PLAN.replace("unit: 時間", "unit: 時間\n    owner_: 係")
        .replace("R8: 200", "R8: 二百")
        .replace("leads_to: [hours]", "leads_to: [other]")
        .replace("2027年度: 150", "2040: 150")
        .replace("fiscal_year: R8", "fiscal_year: 来年")
    )
    assert refused(tmp_path, plan_yaml=wrong) == [
        (
            "plan.yaml line 17 KPI patrol_hours target fiscal year 2026: "
            "Input should be a valid number, unable to parse string as a number"
        ),
        "plan.yaml line 13 KPI patrol_hours owner_: Extra inputs are not permitted",
        (
            "plan.yaml line 25 cost no. 2 fiscal year: "
            "Input should be a valid integer, unable to parse string as an integer"
        ),
        "plan.yaml line 6 logic model data leads to no. 1: there is no box other (there are: data, hours)",
    ]


def test_what_does_not_fit_together_is_found_beside_what_cannot_be_read(tmp_path: Path) -> None:
    second = "  - {code: twice, label: '', box: hours, unit: '%', formula: ratio, owner: 課, evidence: {kind: work}}\n"
    third = "  - {code: third, label: 三, box: nowhere, unit: '%', formula: ratio, owner: 課, evidence: {kind: work}}\n"
    wrong = PLAN.replace("costs:\n", second + third + "costs:\n")
    said = refused(tmp_path, plan_yaml=wrong)
    assert said == [
        "plan.yaml line 20 KPI twice label: String should have at least 1 character",
        (
            "plan.yaml line 21 KPI third box of the logic model: "
            "the logic model has no box nowhere (there are: data, hours)"
        ),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "plan.yaml line 1: the file is empty"),
        ("- a\n", "plan.yaml line 1: begin at the top with project:"),
        ("title: x\n", "plan.yaml line 1 project: it must be written"),
        ("project: [\n", "plan.yaml line 2: not readable as YAML"),
    ],
)
def test_files_that_are_no_plan(tmp_path: Path, content: str, said: str) -> None:
    (line,) = refused(tmp_path, plan_yaml=content)
    assert said in line


def test_kpis_as_excel_writes_them_in_cp932(tmp_path: Path) -> None:
    table = (
        "指標コード,指標名,箱,単位,算式,根拠,根拠の内容,作業の種類,担当,R8目標,令和9年度目標値,目標(2028)\r\n"
        'trips,現地巡回回数,hours,回,上限,作業記録,visits,見回り、点検,農政課,"1,200",90,８０\r\n'
        "patrol_hours,見回り時間(全区),hours,時間,改善度,作業記録,hours,見回り,農政課,190,,\r\n"
    )
    plan = wanted(tmp_path, plan_yaml=PLAN, kpis_csv=table.encode("cp932"))
    hours, trips = plan.kpis
    assert hours.label == "見回り時間(全区)"
    assert hours.targets == {2026: 190}  # the table has a column of 2027, and says nothing there
    assert hours.baseline is not None  # the table has no column of it
    assert trips.targets == {2026: 1200, 2027: 90, 2028: 80}
    assert trips.formula == "limit"
    assert getattr(trips.evidence, "kinds", None) == ("patrol", "inspection")


def test_a_table_alone_changes_the_present_plan(tmp_path: Path) -> None:
    table = "\ufeffproject,code,target 2026,decimals\ntea,completeness,95,2\n"
    plan = wanted(tmp_path, document(), kpis_csv=table)
    hours, completeness = plan.kpis
    assert hours == document().kpis[0]
    assert (completeness.targets, completeness.decimals) == ({2026: 95}, 2)
    assert refused(tmp_path, None, kpis_csv=table) == [
        "kpis.csv line 2: this project has no plan yet: apply one in YAML first"
    ]


def test_mistakes_of_a_table_are_told_with_their_line(tmp_path: Path) -> None:
    table = (
        "指標コード,指標名,ばこ,R8目標,引数\n"
        "patrol_hours,見回り,hours,#REF!,\n"
        ",x,hours,1,\n"
        "patrol_hours,y,hours,1,gateway\n"
        "z,z,hours,1,\n"
    )
    said = refused(tmp_path, plan_yaml=PLAN, kpis_csv=table)
    assert said[0].startswith(
        "kpis.csv line 1 ばこ: a table of KPIs has no heading 'ばこ': there are 指標コード, 指標名, 箱,"
    )
    assert said[1:] == [
        "kpis.csv line 2 令和8年度目標: #REF! is an error of Excel: correct the formula, or enter the value",
        "kpis.csv line 3 code: it is empty, and must be written",
        "kpis.csv line 4 引数: write 'gateway' as name=value, e.g. level=gateway",
        "kpis.csv line 4: the KPI patrol_hours is in kpis.csv line 2 too",
    ]


def test_a_cell_of_another_kind_of_evidence_is_told(tmp_path: Path) -> None:
    table = "指標コード,根拠,根拠の内容,引数,まとめ方\npatrol_hours,作業記録,hours,level=gateway,平均\n"
    assert refused(tmp_path, plan_yaml=PLAN, kpis_csv=table) == [
        "kpis.csv line 2 arguments: a KPI whose evidence is work has nothing of the kind",
        "kpis.csv line 2 combine: a KPI whose evidence is work has nothing of the kind",
    ]


def test_a_row_that_does_not_fit_the_model_is_told_with_its_line(tmp_path: Path) -> None:
    table = "指標コード,R8目標,箱\npatrol_hours,約200,nowhere\n"
    said = refused(tmp_path, plan_yaml=PLAN, kpis_csv=table)
    assert [line.split(":")[0] for line in said] == [
        "kpis.csv line 2 KPI patrol_hours target fiscal year 2026",
    ]


def test_a_plan_without_any_answer_to_which_project(tmp_path: Path) -> None:
    assert refused(tmp_path, kpis_csv="指標コード,R8目標\npatrol_hours,3\n") == [
        "kpis.csv line 2 project: of which project is it? Add the column project"
    ]
    assert "there are two plans of the project tea" in refused(tmp_path, a_yaml=PLAN, b_yaml=PLAN)[0]


WIDE = document(
    kpis=[
        kpi(
            scope={"areas": ["第1区", "=1+1"], "season": {"begins": "05-01", "ends": "09-30"}}, note='"引用", 改行なし'
        ),
        kpi(code="gw", evidence={"kind": "figure", "figure": "outages", "arguments": {"level": "gateway"}}),
        kpi(code="yield", evidence={"kind": "observation", "code": "yield_kg", "combine": "mean"}, baseline=None),
        *body()["kpis"][1:],
    ]
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert wanted(tmp_path, plan_yaml=as_yaml(WIDE)) == WIDE
    emptied = wanted(tmp_path, plan_yaml=PLAN)
    assert wanted(tmp_path, emptied.model_copy(update={"kpis": ()}), kpis_csv=kpis_csv(WIDE)).kpis == WIDE.kpis


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("2026", "2026"), ("令和8年度", "2026"), ("R8", "2026"), ("令和元年度", "2019"), ("H30", "2018"),
        ("２０２６年度", "2026"), ("平成27年度", "2015"), ("来年", "来年"), ("FY2026", "2026"), ("12026", "12026"),
    ],
)  # fmt: skip
def test_fiscal_years(written: str, year: str) -> None:
    assert year_written(written) == year
