"""A field written by hand: devices, messages and readings straight into the tables, so that figures can be foreseen."""

import itertools
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection

from schemas.gateway_report import GatewayEventKind
from schemas.japan import JST
from schemas.quantity import BY_CODE
from schemas.uplink import EventKind


def jst(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: float = 0) -> datetime:
    """A moment as a clock in Japan shows it."""
    return datetime(year, month, day, hour, minute, tzinfo=JST) + timedelta(seconds=second)


class Field:
    """One project `tea` with a network `lora` (gateway `hill`) and a network `halow`; add what the test needs."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection
        self._messages = itertools.count(1)
        self.project_id = self._id(
            "insert into project (code, name, organisation_code, organisation_name, grant_number) values "
            "('tea', '茶園見守り事業', '222160', '袋井市', '総情地第123号') returning project_id"
        )
        self.network("lora", "lpwa", "茶園LoRa網")
        self.network("halow", "halow", "HaLow網")
        self.gateway("hill", "lora", "丘の上基地局")

    def _id(self, query: str, values: Mapping[str, object] | None = None) -> int:
        row = self.connection.execute(query.encode(), values).fetchone()
        assert row is not None
        return int(row[0])

    def network(self, code: str, kind: str, name: str) -> int:
        """A further network of the project."""
        return self._id(
            "insert into network (code, project_id, kind, name) values (%(code)s, %(project)s, %(kind)s, %(name)s)"
            " returning network_id",
            {"code": code, "project": self.project_id, "kind": kind, "name": name},
        )

    def gateway(self, code: str, network: str, name: str) -> int:
        """A further gateway."""
        return self._id(
            "insert into gateway (code, network_id, name)"
            " select %(code)s, network_id, %(name)s from network where code = %(network)s returning gateway_id",
            {"code": code, "network": network, "name": name},
        )

    def device(  # every column a test may care about
        self,
        code: str,
        *,
        interval_s: int = 3600,
        network: str = "lora",
        gateway: str | None = None,
        season: tuple[str, str] | None = None,
        installed_on: date | None = None,
        enabled: bool = True,
        name: str | None = None,
        area: str | None = None,
        calm: tuple[int, float] | None = None,
    ) -> int:
        """A device of the project; returns its id. `calm`: the interval in seconds below a level in metres."""
        return self._id(
            "insert into device (project_id, code, network_id, gateway_id, name, interval_s, season_from, season_to,"
            " installed_on, enabled, model, use, area, calm_interval_s, active_level_m)"
            " select %(project)s, %(code)s, network_id,"
            " (select gateway_id from gateway where code = %(gateway)s), %(name)s, %(interval_s)s, %(season_from)s,"
            " %(season_to)s, %(installed_on)s, %(enabled)s, 'TM-1', '農業', %(area)s, %(calm_s)s, %(level)s"
            " from network where code = %(network)s"
            " returning device_id",
            {
                "project": self.project_id, "code": code, "network": network, "gateway": gateway,
                "name": name or f"機器 {code}", "interval_s": interval_s,
                "season_from": season and season[0], "season_to": season and season[1],
                "installed_on": installed_on, "enabled": enabled, "area": area,
                "calm_s": calm and calm[0], "level": calm and calm[1],
            },
        )  # fmt: skip

    def uplink(
        self,
        device: int,
        time: datetime,
        readings: Mapping[str, float] | None = None,
        *,
        received_at: datetime | None = None,
        kind: EventKind = EventKind.UPLINK,
        gateway: str | None = None,
        rssi_dbm: float | None = None,
        refused: int = 0,
        quality: int | None = None,
        **columns: object,
    ) -> None:
        """A message of 100 bytes with its readings, all at `time`. Without `readings`: one air temperature of 20 ℃."""
        stored = {"air_temperature": 20.0} if readings is None else readings
        names, values = "".join(f", {name}" for name in columns), "".join(f", %({name})s" for name in columns)
        self.connection.execute(
            "insert into uplink (time, received_at, message_id, device_id, payload_bytes, gateway_id, rssi_dbm, kind,"
            f" offered, refused{names}) values (%(time)s, %(received_at)s, %(message)s, %(device)s, 100,"
            " (select gateway_id from gateway where code = %(gateway)s), %(rssi)s, %(kind)s, %(offered)s, %(refused)s"
            f"{values})".encode(),
            {
                "time": time, "received_at": received_at or time, "message": next(self._messages), "device": device,
                "gateway": gateway, "rssi": rssi_dbm, "kind": int(kind), "offered": len(stored) + refused,
                "refused": refused, **columns,
            },
        )  # fmt: skip
        for code, value in stored.items():
            self.reading(device, time, code, value, quality=quality)

    def uplinks(self, device: int, times: Iterable[datetime]) -> None:
        """One message of one air temperature at each of the times."""
        for time in times:
            self.uplink(device, time)

    def reading(
        self,
        device: int,
        time: datetime,
        quantity: str = "air_temperature",
        value: float = 20.0,
        *,
        channel: int = 0,
        quality: int | None = None,
    ) -> None:
        """A stored reading; the same again stores nothing, as in the service."""
        self.connection.execute(
            "insert into reading (time, value, device_id, quantity_id, channel, quality)"
            " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            (time, value, device, BY_CODE[quantity].id, channel, quality),
        )

    def stage(
        self, device: int, rank: int, name: str, level_m: float, *, quantity: str = "river_level", **columns: object
    ) -> None:
        """A stage of a level. The operator's own, unless the columns say otherwise."""
        said = {"channel": 0, "name_en": "", "official": False} | columns
        names, values = ", ".join(said), ", ".join(f"%({name})s" for name in said)
        self.connection.execute(
            f"insert into device_stage (device_id, quantity_id, rank, name, level_m, {names})"
            f" values (%(device)s, %(quantity)s, %(rank)s, %(called)s, %(level)s, {values})".encode(),
            {"device": device, "quantity": BY_CODE[quantity].id, "rank": rank, "called": name, "level": level_m} | said,
        )

    def gateway_event(self, gateway: str, time: datetime, *, kind: GatewayEventKind, **columns: object) -> None:
        """A message of a gateway about itself, received at its own time."""
        names, values = "".join(f", {name}" for name in columns), "".join(f", %({name})s" for name in columns)
        self.connection.execute(
            f"insert into gateway_event (time, received_at, message_id, gateway_id, kind{names}) select %(time)s,"
            f" %(time)s, %(message)s, gateway_id, %(kind)s{values} from gateway where code = %(gateway)s".encode(),
            {"time": time, "message": next(self._messages), "kind": int(kind), "gateway": gateway, **columns},
        )

    def quarantined(
        self,
        time: datetime,
        reason: str = "out_of_range",
        *,
        part: int = 1,
        device: int | None = None,
        project: int | None = None,
        replayed_at: datetime | None = None,
    ) -> None:
        """A part set aside, received at its own time."""
        self.connection.execute(
            "insert into quarantine (message_id, time, part, received_at, reason, detail, topic, device_id, project_id,"
            " replayed_at) values (%s, %s, %s, %s, %s, '', 't', %s, %s, %s)",
            (next(self._messages), time, part, time, reason, device, project, replayed_at),
        )

    def tally(self, hour: datetime, project: int | None = None, writer: str = "w", **counts: int) -> None:
        """The account of one hour, one project and one writer. `project` 0: not known; None: of this field."""
        columns = ", ".join(counts)
        values = ", ".join(f"%({name})s" for name in counts)
        self.connection.execute(
            f"insert into tally (hour, project_id, writer, {columns}) "
            f"values (%(hour)s, %(project)s, %(writer)s, {values})".encode(),
            {"hour": hour, "project": self.project_id if project is None else project, "writer": writer, **counts},
        )
