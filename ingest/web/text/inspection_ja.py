"""The page before an inspection, in Japanese."""

INSPECTION: dict[str, str] = {
    "inspection": "検査の前に",
    "inspection_lead": "実績報告や現地検査の前に、台帳に足りないものを1行ずつ示します。"
    "今日の時点の台帳と、届いたデータから調べています。",
    "inspection_nothing": "機器も資産も登録されていません。",
    "inspection_all_well": "{n}行すべてに、足りないものはありません。",
    "inspection_found": "{of}行のうち {n}行に、足りないものがあります。",
    "inspection_kind": "種別(品名または分野)",
    "inspection_every_kind": "すべての種別",
    "inspection_findings": "足りないもの",
    "inspection_every_finding": "すべて",
    "inspection_unlisted": "資産の行がない機器は、ラベル・技適番号・写真・単価も台帳にありません"
    "(まとめて1件と数えています)。",
    "inspection_lines": "確かめる行 {n}件",
    "inspection_line": "機器・資産",
    "inspection_asset": "資産番号",
    "inspection_other": "その他",
    "inspection_csv": "CSVでダウンロード",
    "inspection_rows_left": "全{n}行のうち{shown}行を示しています。CSVにはすべてあります。",
    "inspection_how": "台帳の assets に書き、noroshi registry apply で反映すると、この一覧から消えます。"
    "検定番号と気象庁届出日は、気象を観測して公開する機器と防災に使う機器だけを調べています。",
    "inspection_see": "検査の前に(台帳に足りないもの)",
}
