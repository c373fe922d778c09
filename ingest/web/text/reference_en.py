"""The texts of the API reference. The API itself speaks English: these are its questions and parameters for people."""

REFERENCE: dict[str, str] = {
    "reference": "API reference",
    "reference_lead": (
        "What is measured is read only, and only what says POST enters something. "
        "Every time is Japanese time (+09:00). The examples name "
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
    "reference_sent": "Fields to send (JSON)",
    "reference_answer": "Fields of the answer ({n})",
    "reference_example": "Example",
    "reference_forms": "Forms",
    "reference_troubles": "Problems",
    "api_tag_index": "Index",
    "api_tag_readings": "Readings",
    "api_tag_uplinks": "Messages",
    "api_tag_registry": "Registry and states",
    "api_tag_work": "Work, planned stops, observations",
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
    "api_read_work": "The work log, the newest first.",
    "api_read_stops": "Planned stops that touch the period, the newest first.",
    "api_read_observations": "Values that people brought, the newest first.",
    "api_enter_work": "Enter a piece of work. With a client_key it is stored once.",
    "api_enter_stop": "Enter a planned stop. It reduces what is expected from now on, or from its later beginning.",
    "api_enter_observation": "Enter a value that people brought, with its source.",
    "api_param_below": "With revision=0: only revisions before this one.",
    "api_param_before": "next_before of the answer before, for older ones.",
    "api_param_voided": "true: voided ones too.",
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
    "api_tag_plan": "Plan and actuals",
    "api_read_plan_catalogue": "The figures a KPI can be measured by, with their formulas.",
    "api_read_plan_kpis": "Every KPI of a period: target, actual with evidence, achievement rate, grade.",
    "api_read_plan_sums": "Expected, sent, arrived and valid receptions of a period with their rates, by place.",
    "api_read_plan_use": "The use of a fiscal year by month, department and role: people, page views, downloads, API.",
    "api_read_plan_snapshots": "Frozen periods, the newest revision of each.",
    "api_read_plan_revisions": "A frozen period, whole, as it was frozen.",
    "api_read_plan_factors": "What a change of the completeness came from, in parts that add up.",
    "api_read_plan_reviews": "What was written about a period and its KPIs, and what it lacks before it can be closed.",
    "api_read_plan_measures": "Improvement measures with their history, and the effect when each was evaluated.",
    "api_param_number": "Number of the measure within its project.",
    "api_param_kind": "How long the period is: month, quarter, year (fiscal year).",
    "api_param_day": "Any day of the period, in Japan; today if absent.",
    "api_param_fy": "Only those that begin in this fiscal year.",
    "api_param_revision": "Only this one; the newest if absent, 0 for all.",
    "api_param_compare": "A day of the period to compare with; the period before if absent.",
    "api_param_target": "Compare with this completeness in percent.",
    "api_param_level": "Only these levels: project, network, gateway, area, technology, use, device.",
    "api_read_outages": "Outages that touch the days of a period, those that last first, then the newest.",
    "api_enter_plan_measure": "Enter an improvement measure. With a client_key it is stored once.",
    "api_move_plan_measure": "Move a measure to another state; one that is in it already stays as it is.",
    "api_enter_causes": "Write a cause for outages; all of them or none.",
    "api_param_lasting": "true: only outages that last.",
    "api_param_whole": "false: also each outage that is part of another one.",
    "api_param_offset": "The next_offset of the answer before, for older rows.",
}
