"""When each alert fires and when it does not, in promtool's notation: a value every 30 seconds from 1970 on."""

from typing import NamedTuple

LABELS = "worker, project, network, gateway, role, task, topic, what, state"
"""What tells two alerts of one name apart, beside the instance."""


class Case(NamedTuple):
    """`series`: metric -> values, without `noroshi_`, of the job and instance of every case unless they are given.

    `firing`: the labels of each alert of this name that fires `after`, as far as they are in LABELS.
    """

    says: str
    alert: str
    series: dict[str, str]
    after: str
    firing: tuple[str, ...] = ()


FIRES = ("{}",)
WELL = {
    "up": "1x200",
    "info": "1x200",
    "store_available": "1x200",
    "database_reachable": "1x200",
    "broker_connected": "1x200",
}
AWAY = {**WELL, "database_reachable": "0x200"}
GONE = {**WELL, "broker_connected": "0x200"}
HILL = 'gateway_silent{project="tea",network="lora",gateway="hill"}'
LORA = 'devices_silent_alone{project="tea",network="lora"}'
SILENT_HILL = ('{gateway="hill", network="lora", project="tea"}',)
SILENT_LORA = ('{network="lora", project="tea"}',)
ACCOUNT = {
    "messages_received_total": "100x200",
    "messages_stored_total": "90x200",
    "messages_duplicate_total": "6x200",
    "messages_quarantined_total": "4x200",
    "messages_in_flight": "0x200",
    "readings_offered_total": "300x200",
    "readings_stored_total": "280x200",
    "readings_duplicate_total": "10x200",
    "readings_conflict_total": "5x200",
    "readings_quarantined_total": "5x200",
    "oldest_unacknowledged_seconds": "0x200",
}
LOST = 'watch_undelivered{project="tea",state="given_up"}'
BUCKET = "commit_lag_seconds_bucket"
SLOW = {f'{BUCKET}{{le="{le}"}}': f"0+{n}x200" for le, n in (("1", 5), ("10", 50), ("30", 100), ("+Inf", 100))}
QUICK = {f'{BUCKET}{{le="{le}"}}': f"0+{n}x200" for le, n in (("1", 100), ("10", 100), ("30", 100), ("+Inf", 100))}
DAY = 86_400
ROLLUPS = 'housekeeping_last_success_timestamp_seconds{task="rollups"}'
EVERY = 'housekeeping_interval_seconds{task="rollups"}'
BROKER_CA = 'certificate_expiry_timestamp_seconds{role="broker_ca"}'
ROLE = ('{role="broker_ca"}',)

CASES = (
    Case("nothing answers", "ServiceDown", {"up": "1 0x20"}, "3m", FIRES),
    Case("its process is away", "WatchDown", {**WELL, "watch_up": "0x40"}, "6m", FIRES),
    Case("it lags", "WatchDown", {**WELL, "watch_up": "1x40", "watch_lag_seconds": "45x40"}, "6m", FIRES),
    Case("it was started anew", "WatchDown", {**WELL, "watch_up": "1x4 0 0 1x40"}, "6m"),
    Case("it watches", "WatchDown", {**WELL, "watch_up": "1x40", "watch_lag_seconds": "0.2x40"}, "6m"),
    Case("the database is away", "WatchDown", {**AWAY, "watch_up": "1x40", "watch_lag_seconds": "90x40"}, "6m"),
    Case(
        "one part fails", "WatchFails", {**WELL, 'watch_failing{what="silence"}': "1x80"}, "30m", ('{what="silence"}',)
    ),
    Case("it failed once", "WatchFails", {**WELL, 'watch_failing{what="silence"}': "1x4 _x80"}, "30m"),
    Case("the database is away", "WatchFails", {**AWAY, 'watch_failing{what="silence"}': "1x80"}, "30m"),
    Case("one was given up", "WatchUndelivered", {**WELL, LOST: "2x40"}, "6m", ('{project="tea", state="given_up"}',)),
    Case("it arrived at last", "WatchUndelivered", {**WELL, LOST: "1x2 _x40"}, "15m"),
    Case("all arrive", "WatchUndelivered", WELL, "6m"),
    Case("the database is away", "WatchUndelivered", {**AWAY, LOST: "1x40"}, "6m"),
    Case("nobody is scraped at all", "ServiceDown", {"info": "1x20"}, "3m", FIRES),
    Case("it answers", "ServiceDown", {"up": "1x20"}, "3m"),
    Case("a restart takes a minute", "ServiceDown", {"up": "1 1 0 0 1x20"}, "90s"),
    Case("another job is down", "ServiceDown", {"up": "1x20", 'up{job="prometheus"}': "0x20"}, "5m"),
    Case(
        "one of two is down", "WorkerDown",
        {'worker_up{worker="1"}': "1x20", 'worker_up{worker="2"}': "0x20"}, "3m", ('{worker="2"}',),
    ),
    Case("it comes again at once", "WorkerDown", {'worker_up{worker="2"}': "1 0 0 1x20"}, "1m"),
    Case("there are no workers", "WorkerDown", WELL, "10m"),
    Case("it refuses what is written", "DatabaseUnreachable", {**WELL, "store_available": "0x20"}, "2m", FIRES),
    Case("it is away and there is nothing to write", "DatabaseUnreachable", AWAY, "2m", FIRES),
    Case("it is away at the start, so that nothing is measured", "DatabaseUnreachable", {"up": "1x20"}, "2m", FIRES),
    Case("it answers", "DatabaseUnreachable", WELL, "10m"),
    Case("one batch fails", "DatabaseUnreachable", {**WELL, "store_available": "1 0 1x20"}, "30s"),
    Case("the service itself is down", "DatabaseUnreachable", {"up": "0x20"}, "10m"),
    Case(
        "a worker that is down does not answer for it", "DatabaseUnreachable",
        {**WELL, "store_available": "0x40", 'worker_up{worker="2"}': "0x40"}, "10m",
    ),
    Case("the connection is gone", "BrokerUnreachable", GONE, "3m", FIRES),
    Case("it is there", "BrokerUnreachable", WELL, "10m"),
    Case("it comes again", "BrokerUnreachable", {**WELL, "broker_connected": "1 0 0 1x20"}, "1m"),
    Case(
        "a worker is down", "BrokerUnreachable",
        {**GONE, 'worker_up{worker="2"}': "0x20", 'worker_up{worker="1"}': "1x20"}, "5m",
    ),
    Case("everything is accounted for", "IdentityBroken", ACCOUNT, "30m"),
    Case("a message is missing", "IdentityBroken", {**ACCOUNT, "messages_stored_total": "89x200"}, "2m", FIRES),
    Case("a reading is missing", "IdentityBroken", {**ACCOUNT, "readings_conflict_total": "4x200"}, "2m", FIRES),
    Case(
        "more is settled than was received", "IdentityBroken",
        {**ACCOUNT, "messages_stored_total": "91x200", "messages_in_flight": "-1x200"}, "2m", FIRES,
    ),
    Case(
        "a message is in flight that nobody holds", "IdentityBroken",
        {**ACCOUNT, "messages_stored_total": "89x200", "messages_in_flight": "1x200"}, "15m", FIRES,
    ),
    Case(
        "a message is in flight and waits", "IdentityBroken",
        {
            **ACCOUNT, "messages_stored_total": "89x200", "messages_in_flight": "1x200",
            "oldest_unacknowledged_seconds": "1+30x200",
        },
        "15m",
    ),
    Case(
        "all counters begin again", "IdentityBroken",
        {name: f"{values.split('x')[0]}x10 0x100" for name, values in ACCOUNT.items()}, "20m",
    ),
    Case("no counters at all", "IdentityBroken", {"up": "1x20"}, "5m"),
    Case("every hundredth batch takes long", "CommitLag", {**WELL, **SLOW}, "20m", FIRES),
    Case("batches are quick", "CommitLag", {**WELL, **QUICK}, "20m"),
    Case("nothing comes", "CommitLag", {**WELL, **dict.fromkeys(SLOW, "7x200")}, "20m"),
    Case("the counters begin again", "CommitLag", {**WELL, **dict.fromkeys(QUICK, "900x20 0+1x180")}, "20m"),
    Case("one message waits", "CommitLag", {**WELL, "oldest_unacknowledged_seconds": "0+30x200"}, "20m", FIRES),
    Case("the database is away", "CommitLag", {**AWAY, **SLOW, "oldest_unacknowledged_seconds": "0+30x200"}, "20m"),
    Case("the queue is hours old", "QueueLag", {**WELL, "durable_lag_seconds": "7200x200"}, "20m", FIRES),
    Case("it gets shorter", "QueueLag", {**WELL, "durable_lag_seconds": "1200-60x20"}, "4m"),
    Case("it is empty", "QueueLag", {**WELL, "durable_lag_seconds": "0x200"}, "20m"),
    Case("the database is away", "QueueLag", {**AWAY, "durable_lag_seconds": "7200x200"}, "20m"),
    Case(
        "one message of ten", "QuarantineRate",
        {"messages_received_total": "0+10x200", "messages_quarantined_total": "0+1x200"}, "40m", FIRES,
    ),
    Case(
        "one reading of ten", "QuarantineRate",
        {"readings_offered_total": "0+10x200", "readings_quarantined_total": "0+1x200"}, "40m", FIRES,
    ),
    Case(
        "one of a hundred", "QuarantineRate",
        {"messages_received_total": "0+100x200", "messages_quarantined_total": "0+1x200"}, "40m",
    ),
    Case(
        "one of two, but only a few", "QuarantineRate",
        {"messages_received_total": "0 2 4 6 8x200", "messages_quarantined_total": "0 1 2 3 4x200"}, "10m",
    ),
    Case(
        "what was long ago", "QuarantineRate",
        {"messages_received_total": "5000x200", "messages_quarantined_total": "4000x200"}, "40m",
    ),
    Case(
        "after a restart the counters begin at nought", "QuarantineRate",
        {"messages_received_total": "5000x20 0+100x180", "messages_quarantined_total": "4000x20 0x180"}, "40m",
    ),
    Case(
        "it is named", "DeviceFloods", {**WELL, 'flooding_messages{topic="noroshi/v1/farm/a/up"}': "1x200"}, "1m",
        ('{topic="noroshi/v1/farm/a/up"}',),
    ),
    Case(
        "it was named long ago", "DeviceFloods",
        {**WELL, 'flooding_messages{topic="noroshi/v1/farm/a/up"}': "1x4 _x200"}, "30m",
    ),
    Case("nobody does", "DeviceFloods", {**WELL, 'flooding_messages{topic="noroshi/v1/farm/a/up"}': "0x200"}, "10m"),
    Case("it is silent", "GatewaySilent", {**WELL, HILL: "1x200"}, "10m", SILENT_HILL),
    Case("it is not", "GatewaySilent", {**WELL, HILL: "0x200"}, "10m"),
    Case("for a minute", "GatewaySilent", {**WELL, HILL: "0 1 1 0x200"}, "1m"),
    Case("a restart does not begin it anew", "GatewaySilent", {**WELL, HILL: "1x6 _x8 1x200"}, "8m", SILENT_HILL),
    Case("the broker is away", "GatewaySilent", {**GONE, HILL: "1x200"}, "30m"),
    Case("the database is away", "GatewaySilent", {**AWAY, HILL: "1x200"}, "30m"),
    Case(
        "the broker of another process is away", "GatewaySilent",
        {**WELL, HILL: "1x200", 'broker_connected{instance="b"}': "0x200"}, "10m", SILENT_HILL,
    ),
    Case("nobody has looked", "GatewaySilent", WELL, "30m"),
    Case("some are silent by themselves", "DevicesSilent", {**WELL, LORA: "3x200"}, "15m", SILENT_LORA),
    Case(
        "they stand behind a silent gateway", "DevicesSilent",
        {**WELL, LORA: "0x200", HILL: "1x200", 'devices_silent{project="tea",network="lora"}': "30x200"}, "30m",
    ),
    Case("one comes back within minutes", "DevicesSilent", {**WELL, LORA: "1x10 0x200"}, "4m"),
    Case("the number changes", "DevicesSilent", {**WELL, LORA: "1x10 2x10 1x200"}, "15m", SILENT_LORA),
    Case(
        "a restart does not end it", "DevicesSilent",
        {**WELL, LORA: "3x30 _x4 3x200", "broker_connected": "1x30 0 0 1x200"}, "17m", SILENT_LORA,
    ),
    Case("the broker is away", "DevicesSilent", {**GONE, LORA: "3x200"}, "30m"),
    Case("the database is away", "DevicesSilent", {**AWAY, LORA: "3x200"}, "30m"),
    Case("nobody has looked", "DevicesSilent", WELL, "30m"),
    Case(
        "the broker of another process is away", "DevicesSilent",
        {**WELL, LORA: "3x200", 'broker_connected{instance="b"}': "0x200"}, "15m", SILENT_LORA,
    ),
    Case(
        "two are late", "MeasuresLate", {'plan_measures_late{project="tea"}': "2x400"}, "90m", ('{project="tea"}',)
    ),
    Case("late for some minutes", "MeasuresLate", {'plan_measures_late{project="tea"}': "1x20 0x380"}, "90m"),
    Case("two entries were changed", "AuditLogWrong", {"audit_faults": "0x20 2x380"}, "90m", FIRES),
    Case("the chain is whole", "AuditLogWrong", {"audit_faults": "0x400"}, "90m"),
    Case("it was found whole again", "AuditLogWrong", {"audit_faults": "2x20 0x380"}, "90m"),
    Case(
        "one failed", "ReportsNotDelivered",
        {'report_deliveries_failed{project="tea"}': "1x100", 'report_deliveries_in_doubt{project="tea"}': "0x100"},
        "30m", ('{project="tea"}',),
    ),
    Case(
        "somebody saw to it", "ReportsNotDelivered",
        {'report_deliveries_failed{project="tea"}': "1x20 0x80", 'report_deliveries_in_doubt{project="tea"}': "0x100"},
        "40m",
    ),
    Case(
        "all arrived", "ReportsNotDelivered",
        {'report_deliveries_failed{project="tea"}': "0x100", 'report_deliveries_in_doubt{project="tea"}': "0x100"},
        "40m",
    ),
    Case("none is late", "MeasuresLate", {'plan_measures_late{project="tea"}': "0x400"}, "90m"),
    Case("two months", "DiskDaysLow", {"disk_days_left": "60x400"}, "90m", FIRES),
    Case("a year", "DiskDaysLow", {"disk_days_left": "365x400"}, "90m"),
    Case("a week is another alert", "DiskDaysLow", {"disk_days_left": "7x400"}, "90m"),
    Case("it is not known", "DiskDaysLow", WELL, "90m"),
    Case("a restart in between", "DiskDaysLow", {"disk_days_left": "60x60 _x20 60x400"}, "90m", FIRES),
    Case(
        "nearly full is another alert", "DiskDaysLow",
        {"disk_days_left": "60x400", "disk_free_bytes": "500000000x400"}, "90m",
    ),
    Case("little room and no rate", "DiskDaysCritical", {"disk_free_bytes": "500000000x400"}, "90m", FIRES),
    Case("room enough", "DiskDaysCritical", {"disk_free_bytes": "5000000000x400"}, "90m"),
    Case("a week", "DiskDaysCritical", {"disk_days_left": "7x400"}, "90m", FIRES),
    Case("two months", "DiskDaysCritical", {"disk_days_left": "60x400"}, "90m"),
    Case("it is not known", "DiskDaysCritical", WELL, "90m"),
    Case("three weeks", "CertificateExpiry", {BROKER_CA: f"{21 * DAY}x400"}, "90m", ROLE),
    Case("a year", "CertificateExpiry", {BROKER_CA: f"{365 * DAY}x400"}, "90m"),
    Case("a day is another alert", "CertificateExpiry", {BROKER_CA: f"{DAY}x400"}, "90m"),
    Case("it was renewed", "CertificateExpiry", {BROKER_CA: f"{21 * DAY}x20 {365 * DAY}x400"}, "8m"),
    Case("there is none", "CertificateExpiry", WELL, "90m"),
    Case("a day", "CertificateCritical", {BROKER_CA: f"{DAY}x400"}, "90m", ROLE),
    Case("the file cannot be read", "CertificateCritical", {BROKER_CA: "0x400"}, "90m", ROLE),
    Case("three weeks", "CertificateCritical", {BROKER_CA: f"{21 * DAY}x400"}, "90m"),
    Case("there is none", "CertificateCritical", WELL, "90m"),
    Case(
        "it has not run for long", "HousekeepingLate",
        {**WELL, ROLLUPS: "0x200", EVERY: "30x200"}, "50m", ('{task="rollups"}',),
    ),
    Case("it runs", "HousekeepingLate", {**WELL, ROLLUPS: "0+30x200", EVERY: "30x200"}, "50m"),
    Case("one that runs daily", "HousekeepingLate", {**WELL, ROLLUPS: "0x200", EVERY: f"{DAY}x200"}, "50m"),
    Case("nobody keeps house", "HousekeepingLate", WELL, "50m", ('{task="all"}',)),
    Case("the service is down", "HousekeepingLate", {"up": "0x200"}, "50m"),
    Case("the database is away", "HousekeepingLate", {**AWAY, ROLLUPS: "0x200", EVERY: "30x200"}, "50m"),
    Case(
        "another process keeps house", "HousekeepingLate",
        {
            **WELL, ROLLUPS: "0x200", EVERY: "30x200",
            ROLLUPS.replace("}", ',instance="b"}'): "0+30x200", EVERY.replace("}", ',instance="b"}'): "30x200",
        },
        "50m",
    ),
    Case("two fail", "DatabasePolicyFailing", {"database_policies_failing": "2x400"}, "90m", FIRES),
    Case("none fails", "DatabasePolicyFailing", {"database_policies_failing": "0x400"}, "90m"),
    Case("one fails and is repeated", "DatabasePolicyFailing", {"database_policies_failing": "1x60 0x400"}, "20m"),
    Case("there are none", "DatabasePolicyFailing", WELL, "90m"),
)  # fmt: skip
