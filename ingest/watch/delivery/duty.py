"""Who is on duty at a moment, and when quiet hours end. Pure; clocks are Japanese."""

from datetime import datetime, time, timedelta

from schemas.japan import to_jst
from schemas.watch_notice import WEEKDAYS, Duty, QuietHours, WeeklyShift


def on_duty(duty: Duty, changed: str | None, now: datetime) -> tuple[str, ...]:
    """Codes of those on duty: who took it over, else the rota, else the weekly shifts, else the backup; or nobody."""
    if changed is not None:
        return (changed,)
    of_rota = [shift.person for shift in duty.rota if shift.begins <= now < shift.ends]
    found = of_rota or [shift.person for shift in duty.weekly if _holds(shift, now)]
    if not found and duty.backup is not None:
        found = [duty.backup]
    return tuple(dict.fromkeys(found))


def _holds(shift: WeeklyShift, now: datetime) -> bool:
    local = to_jst(now)
    clock, day = f"{local:%H:%M}", WEEKDAYS[local.weekday()]
    day_before = WEEKDAYS[local.weekday() - 1]
    if shift.begins < shift.ends:
        return day in shift.days and shift.begins <= clock < shift.ends
    return (day in shift.days and clock >= shift.begins) or (day_before in shift.days and clock < shift.ends)


def quiet_until(hours: QuietHours | None, now: datetime) -> datetime | None:
    """When the quiet hours that hold now end; None if none hold."""
    if hours is None:
        return None
    local = to_jst(now)
    clock = f"{local:%H:%M}"
    over_midnight = hours.begins > hours.ends
    holds = clock >= hours.begins or clock < hours.ends if over_midnight else hours.begins <= clock < hours.ends
    if not holds:
        return None
    end = datetime.combine(local.date(), time.fromisoformat(hours.ends), local.tzinfo)
    return end + timedelta(days=1) if over_midnight and clock >= hours.begins else end
