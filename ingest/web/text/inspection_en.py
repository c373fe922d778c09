"""The page before an inspection, in English."""

INSPECTION: dict[str, str] = {
    "inspection": "Before an inspection",
    "inspection_lead": "What the ledger lacks before a completion report or an inspection on site, line by line. It is "
    "looked up in the registry as of today, and in the data that came.",
    "inspection_nothing": "Neither devices nor assets are registered.",
    "inspection_all_well": "Nothing is missing in any of {n} lines.",
    "inspection_found": "Something is missing in {n} of {of} lines.",
    "inspection_kind": "Kind (name in the ledger, or use)",
    "inspection_every_kind": "Every kind",
    "inspection_findings": "What is missing",
    "inspection_every_finding": "All",
    "inspection_unlisted": "Of a device without a line in the ledger, label, radio certificate, picture and price are"
    " not known either; that counts as one.",
    "inspection_lines": "{n} lines to look at",
    "inspection_line": "Device or asset",
    "inspection_asset": "Asset number",
    "inspection_other": "other",
    "inspection_csv": "Download as CSV",
    "inspection_rows_left": "{shown} of {n} lines are shown. The CSV has all of them.",
    "inspection_how": "Write it under assets of the registry and apply that with noroshi registry apply; it then"
    " leaves this list. The verification and the notice to the weather service are looked for where weather is "
    "published, or serves against disasters.",
    "inspection_see": "Before an inspection (what the ledger lacks)",
}
