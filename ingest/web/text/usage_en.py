"""The texts of the page of use."""

USAGE: dict[str, str] = {
    "plan_usage": "Use",
    "plan_usage_title": "Use in {year}",
    "plan_usage_lead": "Page views and sign-ins are of the whole organisation; downloads, reports and API of this "
    "project. "
    "They are counted from the audit log; single persons are not shown.",
    "plan_usage_csv": "Save as CSV",
    "plan_usage_people": "Users",
    "plan_usage_people_mean": "Users (mean of months)",
    "plan_usage_sign_ins": "Sign-ins",
    "plan_usage_views": "Page views",
    "plan_usage_downloads": "Downloads",
    "plan_usage_reports": "Reports",
    "plan_usage_programs": "API programs",
    "plan_usage_programs_mean": "API programs (mean of months)",
    "plan_usage_notifications": "Notifications",
    "plan_usage_messages_unit": "messages",
    "plan_usage_departments": "Departments that used it",
    "plan_usage_diversity": "Diversity of use",
    "plan_usage_people_unit": "people",
    "plan_usage_times_unit": "times",
    "plan_usage_programs_unit": "programs",
    "plan_usage_departments_unit": "departments",
    "plan_usage_diversity_unit": "combinations",
    "plan_usage_of_months": "Of the {n} months that are known, {frozen} of them frozen. "
    "The pages of KPIs take frozen months alone.",
    "plan_usage_by_month": "By month",
    "plan_usage_month": "Month",
    "plan_usage_state": "State",
    "plan_usage_frozen": "frozen",
    "plan_usage_frozen_at": "{at}, revision {n}",
    "plan_usage_open": "so far",
    "plan_usage_open_more": "so far: the month is not frozen yet. It is counted from the audit log now, and may grow.",
    "plan_usage_frozen_more": "frozen: the counts stay as they were, also when the audit log becomes shorter. "
    "Months of a project with a plan are frozen by a job on the day that the plan says.",
    "plan_usage_by_department": "By department",
    "plan_usage_department": "Department",
    "plan_usage_cell": "{people} / {views}",
    "plan_usage_by_department_more": "Users / page views of the month. A dot: no use, or put together with others in "
    "that month. Departments with fewer than {n} people are put together in each month, so that nobody is known by it; "
    "who is in two of them counts twice there.",
    "plan_usage_by_role": "By role",
    "plan_usage_role": "Role",
    "plan_usage_by_role_more": "The people who used it in the month, by the role that they have today; the highest of "
    "several.",
    "plan_usage_nowhere": "No department",
    "plan_usage_others": "Other departments",
    "plan_usage_no_role": "No role",
    "plan_usage_none": "The use of no month is known yet.",
    "plan_usage_diversity_head": "What diversity of use is",
    "plan_usage_diversity_is": "Diversity of use (多用途度) = uses (分野) of which valid data came in the year "
    "x departments of which somebody used it in the year",
    "plan_usage_diversity_why": "It says for how many purposes (farming, disasters, watching over people) how many "
    "departments really use one system. A use that is only registered, and a department of which nobody came, do not "
    "count. A page shows all that its reader may see, so it is not known which department looked at which use: "
    "therefore the two numbers are multiplied.",
    "plan_usage_uses_are": "Uses: {names}",
    "plan_usage_uses_none": "No use has valid data yet.",
    "plan_usage_departments_are": "Departments: {names}",
    "plan_usage_departments_more": "and {n} more (fewer than 3 people: not named)",
    "plan_usage_counted_head": "How it is counted",
    "plan_usage_counted_people": "Users: who used it at least once in the month; the same person counts once. "
    "Commands, "
    "the service and tokens of the API are no people.",
    "plan_usage_counted_views": "Page views: one for a person, kind of page and hour.",
    "plan_usage_counted_downloads": "Downloads: data that was saved or exported. Reports: how often one was made. "
    "API programs: tokens that used the API in the month.",
}
