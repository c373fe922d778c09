"""The page of outages, in English."""

OUTAGES: dict[str, str] = {
    "outages_no_project": "There is no project that you can see",
    "outages_no_project_more": "Enter a project into the registry, and its outages are listed here.",
    "outages_choose_project": "Choose a project",
    "outages_lead": (
        "Times in which nothing came from a device, a gateway or a "
        "network for more than three of its intervals (one and a half while a gauge of two intervals is calm). "
        "The service finds them and amends them by what comes late; people confirm the cause."
    ),
    "outages_count": "Outages",
    "outages_n": "{n}",
    "outages_open": "Lasting",
    "outages_mttr": "MTTR",
    "outages_mtbf": "MTBF",
    "outages_downtime": "Downtime, all devices",
    "outages_planned": "Planned stops",
    "outages_planned_n": "{n}, {time} in all",
    "outages_none_ended": "no outage ended",
    "outages_none_in_period": "no outage began",
    "outages_method": (
        "Outages are those that began in the period; a dead gateway is one, with all of its devices. "
        "MTTR = length of the outages that ended / their number. "
        "MTBF = (time at work - downtime) / outages. "
        "Planned stops are counted apart."
    ),
    "outages_by_place": "By network and gateway",
    "outages_place": "What",
    "outages_no_data": "No device was heard in this period",
    "outages_no_data_more": "Once devices are heard, their outages are counted here.",
    "outages_list": "List of outages",
    "outages_counted": "{n}, of which {open} last and {rest} are not confirmed",
    "outages_csv": "Save as CSV",
    "outages_year": "Fiscal year",
    "outages_from": "From",
    "outages_state": "State",
    "outages_all": "All",
    "outages_only_open": "Lasting only",
    "outages_cause": "Cause",
    "outages_all_causes": "All causes",
    "outages_unexplained": "Not confirmed yet",
    "outages_level": "Kind",
    "outages_all_levels": "Put together",
    "outages_level_device": "Device",
    "outages_level_gateway": "Gateway",
    "outages_level_network": "Network",
    "outages_code": "Code of a device, gateway or network",
    "outages_bulk": "For the chosen ones:",
    "outages_bulk_do": "Write",
    "outages_choose_cause": "Choose a cause",
    "outages_choose": "Choose the outage of {what}",
    "outages_note": "Note",
    "outages_devices": "{n} devices",
    "outages_lasts": "for {time} now",
    "outages_still": "lasts",
    "outages_of_which_planned": "of which planned: {time}",
    "outages_part": "part of a larger outage",
    "outages_by": "by {who}",
    "outages_proposed": "proposed",
    "outages_no_cause": "No cause is known yet",
    "outages_order": "Lasting ones first, then the newest",
    "outages_none_found": "No outage fits the filter.",
    "outages_behind": (
        "Outages of this period were not all looked for yet. Until the job that finds them has come so far, nobody can"
        " say that there was none."
    ),
    "outages_none": "There are no outages",
    "outages_none_more": "We look every minute; what is found is listed here.",
    "outages_starts": "Last heard",
    "outages_ends": "Back",
    "outages_length": "Length",
    "outages_silent_devices": "Silent devices",
    "outages_where": "Where",
    "outages_device_page": "To the page of the device",
    "outages_is_part": "Part of the outage of {what}.",
    "outages_no_human": "No human has confirmed a cause yet.",
    "outages_take_back": "(nothing)",
    "outages_parts_too": (
        "The same cause is written for the devices in it; one that somebody explained by itself keeps its own."
    ),
    "outages_write": "Write the cause",
    "outages_parts": "Outages that are part of this one ({n})",
    "outages_history": "History",
    "outages_found": "found by the service",
    "outages_done": "The cause is written.",
}
