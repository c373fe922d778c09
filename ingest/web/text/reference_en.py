"""The texts of the API reference. The API itself speaks English: these are its questions and parameters for people."""

REFERENCE: dict[str, str] = {
    "reference": "API reference",
    "reference_lead": (
        "Everything below is read only, and every time is Japanese time (+09:00). The examples name "
        "a project and a device of this installation and work as they stand."
    ),
    "reference_periods": (
        "Periods are [from, to): RFC 3339 with its offset (2026-11-24T09:00:00+09:00), or a day in "
        "Japan (2026-11-24 means its midnight)."
    ),
    "reference_pages": (
        "JSON comes in pages. Follow next until it is null; what is stored meanwhile neither repeats nor hides a row."
    ),
    "reference_files": (
        "format=csv, arrow or parquet (or the Accept header) brings the whole period at once. An answer "
        "that is cut off is not complete: ask again."
    ),
    "reference_problems": "Problems are application/problem+json; type is one of a closed list.",
    "reference_unknown": (
        "There is no device yet, or the database cannot be reached: the names in the examples are to be replaced."
    ),
    "reference_parameters": "Parameters",
    "reference_name": "Name",
    "reference_type": "Type",
    "reference_default": "Default",
    "reference_meaning": "Meaning",
    "reference_meaning_en": "Meaning",
    "reference_required": "required",
    "reference_answer": "Fields of the answer ({n})",
    "reference_example": "Example",
    "reference_forms": "Forms",
    "reference_troubles": "Problems",
    "api_tag_index": "Index",
    "api_tag_readings": "Readings",
    "api_tag_uplinks": "Messages",
    "api_tag_registry": "Registry and states",
    "api_tag_account": "Account and quarantine",
    "api_read_index": "All questions with examples. A browser is led to this page.",
    "api_read_identity": (
        "Every message accounted for: of the running process, and of the database since its beginning."
    ),
    "api_read_quarantine": "What is set aside and not yet replayed, by reason, the most frequent first.",
    "api_read_projects": "Projects with the states of their devices.",
    "api_read_networks": "Networks with the states of their devices.",
    "api_read_gateways": "Gateways with the states of the devices behind them.",
    "api_read_devices": "Devices with their states, by project and code.",
    "api_read_device": "One device with its state.",
    "api_read_latest": "The last value of everything a device measures.",
    "api_read_series": "One quantity over time, in buckets with mean and extremes.",
    "api_read_quantities": (
        "What can be measured: codes, units and labels; with project also the quantities of its own."
    ),
    "api_read_readings": "Single readings.",
    "api_read_reading_hours": "Readings summed up by hour.",
    "api_read_reading_days": "Readings summed up by day in Japan.",
    "api_read_uplinks": "Messages with their radio link.",
    "api_read_uplink_hours": "Messages summed up by hour.",
    "api_read_uplink_days": "Messages summed up by day in Japan.",
    "api_param_project": "Code of a project.",
    "api_param_device": "Code of a device; needs project.",
    "api_param_quantity": "Code of a quantity.",
    "api_param_channel": "Number of a channel.",
    "api_param_from": "Beginning, included.",
    "api_param_to": "End, not included.",
    "api_param_format": "Form of the answer.",
    "api_param_charset": "Of CSV.",
    "api_param_header": "Language of the headings of CSV.",
    "api_param_limit": "Rows a page.",
    "api_param_cursor": "next_cursor of the page before.",
    "api_param_counted": "false: as measured, before corrections.",
    "api_param_state": "Only devices in this state.",
    "api_param_q": "Words in the name, code, network, gateway, model or use.",
    "api_param_points": "About how many buckets, per channel.",
}
