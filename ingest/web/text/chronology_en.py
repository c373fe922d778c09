"""Texts of the chronology of the watch. Placeholders in braces are filled in by the page."""

CHRONOLOGY = {
    "chronology": "Chronology",
    "chronology_lead": (
        "What was noticed, who was told and when, who took it, and what the city did. "
        "Observed by the operator, for reference; nothing official."
    ),
    "chronology_project": "Project",
    "chronology_from": "From",
    "chronology_to": "To",
    "chronology_drills": "with drills",
    "chronology_show": "Show",
    "chronology_no_time": "This is no date and time; the usual period is shown",
    "chronology_turned": "The end is before the beginning; the usual period is shown",
    "chronology_too_long": "A period has 31 days at most; the usual one is shown",
    "chronology_incidents": "Incidents: {n}",
    "chronology_told_in": "Delay of notifications (95 %)",
    "chronology_taken_in": "Time to acknowledge (95 %)",
    "chronology_not_watched": "The watch had not begun before the end of this period",
    "chronology_print": "It prints on A4 landscape",
    "chronology_at": "Time",
    "chronology_station": "Station",
    "chronology_value": "Value",
    "chronology_stage": "Stage",
    "chronology_since": "Since the one before",
    "chronology_told": "Told",
    "chronology_told_at": "Told at",
    "chronology_delay": "Delay from measurement",
    "chronology_taken_by": "Taken by",
    "chronology_taken_at": "Taken at",
    "chronology_response": "What the city did",
    "chronology_origin": "Origin",
    "chronology_origin_live": "live",
    "chronology_origin_late": "found out later",
    "chronology_origin_drill": "drill",
    "chronology_origin_withdrawn": "withdrawn",
    "chronology_origin_person": "noted by a person",
    "chronology_origin_observed": "from readings",
    "chronology_origin_unwatched": "no watch",
    "chronology_unwatched": "The watch did not run (until {at})",
    "chronology_more": "These are the first {n} rows; the files have the others",
    "chronology_unknown": "So far there is no record of the watch in this period, and no change of a state",
    "chronology_none": "The watch recorded nothing in this period, and no state changed",
    "chronology_note": (
        "Times are those of measurement. Rows from readings are about what the watch has no "
        "record of: a crossing is shown once. Late and withdrawn rows are amendments by data "
        "that came or were corrected later. A live row was the newest measurement of its station when it "
        "arrived. After a line was down, or where a calm station sends rarely, that may be an hour or more "
        "after it was measured; the delay includes it."
    ),
    "chronology_reached": "{name} reached",
    "chronology_fell": "back to {name}",
    "chronology_below": "outside all stages again",
    "chronology_hint": " (for reference: alert level {n})",
    "chronology_silence_on": "silence",
    "chronology_silence_off": "heard again",
    "chronology_blind_on": "cannot be watched",
    "chronology_blind_off": "watched again",
    "chronology_airtime_on": "transmitting time",
    "chronology_airtime_off": "transmitting time well again",
    "chronology_quality_on": "quality in doubt",
    "chronology_quality_off": "quality well again",
    "chronology_missed_on": "missed",
}
