"""One message of each vendor that a shipped map reads, as the vendor documents it, and what is to be read from it."""

import json
from typing import Any, NamedTuple

from schemas.profiles import shipped_profiles

CAYENNE = shipped_profiles()["cayenne-lpp"]


class Vendor(NamedTuple):
    map: str
    payload: bytes
    event: str = ""
    profile: str | None = None
    time_us: int | None = None
    counter: int | None = None
    measured: tuple[tuple[str, object, int], ...] = ()


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


MORNING_US = 1_781_471_100_000_000
"""2026-06-15 06:05 in Japan."""

TASMOTA_SENSOR = {
    "Time": "2026-06-15T06:05:00",
    "BME280": {"Temperature": 18.2, "Humidity": 71.4, "DewPoint": 12.9, "Pressure": 1008.6},
    "DS18B20-1": {"Id": "01144A2B3C4D", "Temperature": 16.9},
    "PressureUnit": "hPa",
    "TempUnit": "C",
}
TASMOTA_STATE = {
    "Time": "2026-06-15T06:05:00", "Uptime": "12T03:10:11", "UptimeSec": 1048211, "Heap": 24, "LoadAvg": 19,
    "MqttCount": 3, "POWER": "OFF",
    "Wifi": {"AP": 1, "SSId": "farm", "BSSId": "E6:8D:8C:4B:BE:F7", "Channel": 3, "Mode": "11n", "RSSI": 44,
             "Signal": -78, "LinkCount": 2, "Downtime": "0T00:00:05"},
}  # fmt: skip
SENSEWAY = {
    "gw": [
        {"date": "2026-06-14T21:05:12.035266Z", "rssi": -104, "snr": 3.2, "gwid": "000b78fffeb00079"},
        {"date": "2026-06-14T21:05:12.024932Z", "rssi": -117, "snr": -6.5, "gwid": "00001c497bb44c3c"},
    ],
    "mod": {"dr": "2", "cnt": 311, "port": 11, "mt": "ucnf", "fq": 923.2, "devEUI": "000b78fffe0515e9",
            "data": "03670110056700ff"},
}  # fmt: skip
IIJ = {
    "time": "2026-06-15T06:05:12.927886+09:00", "devaddr": "fe4c15c3", "deveui": "000b78fffe4c15c3",
    "gatewayeui": "000b78fffeabcdef", "rssi": -99, "lsnr": 7.2, "size": 4, "data": "01670110", "b64_data": "AWcBEA==",
    "freq": 923.2, "datr": "SF10BW125", "port": 15, "uplink_count": 3,
    "gateway_list": "000b78fffeabcdef;-99;7.2,000b78fffe000001;-110;-3",
}  # fmt: skip
IIJ_NEW = {
    "millistime": 1781471112421, "deveui": "000b78fffe4c15c3", "gateway_eui": "000b78fffeabcdef", "rssi": -99,
    "snr": 7.2, "raw_data": "01670110", "freq": 923.2, "sf": 10, "bw": 125, "fport": 15, "uplink_count": 4,
    "devname": "N3", "app_id": "1",
}  # fmt: skip
SIGFOX_AIR = {
    "device": "1D2C3B", "time": "1781471112", "data": "01670110", "seqNumber": "2651", "lqi": "Average",
    "operatorName": "SIGFOX_Japan_KCCS", "countryCode": "392", "binaryParserEnabled": True,
}  # fmt: skip
SIGFOX = {
    "device": "1D2C3B", "time": "1781471112", "data": "01670110", "seqNumber": "4095", "rssi": "-121.00",
    "snr": "9.5", "station": "BEEF", "lat": "36.0", "lng": "140.0", "duplicate": "false", "ack": "false",
}  # fmt: skip
FUNNEL = {
    "operatorId": "OP0012345678", "timestamp": 1781471112421, "credentialsId": "iot",
    "destination": {"provider": "aws", "service": "aws-iot", "resourceUrl": "x/farm/1", "payloadsOnly": False},
    "payloads": {"air_temperature": 18.5, "air_humidity": 71.0}, "sourceProtocol": "udp", "imsi": "440101234567890",
    "imei": "860000000000001",
}  # fmt: skip
GPS = {
    "lat": 35.68,
    "lon": 139.76,
    "bat": 3,
    "rs": 4,
    "temp": 24.5,
    "humi": 55.1,
    "x": 1.0,
    "y": -60,
    "z": -970,
    "type": 0,
}
CAMPBELL = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [140.87, 38.27, 41.0]},
    "properties": {
        "loggerID": "ABCD-EFGH-1234", "publish_ts": "2026-06-14T21:05:02.100Z",
        "observationNames": ["AirT_Avg", "RH", "Rain_mm_Tot"],
        "observations": {"2026-06-14T21:00:00.0Z": [18.21, 71.4, 0.5], "2026-06-14T20:50:00.0Z": [18.05, 72.0, 0.0]},
    },
}  # fmt: skip
OPENBLOCKS = {
    "time": "2026-06-15T06:05:04.549+09:00", "deviceId": "e9c8dd35ee18", "rssi": -88, "air_temperature": 18.5,
    "memo": "N3",
}  # fmt: skip

TWO_PROBES = (("air_temperature", 27.2, 3), ("air_temperature", 25.5, 5))
ONE_PROBE = (("air_temperature", 27.2, 1),)

VENDORS = (
    Vendor(
        "tasmota", _json(TASMOTA_SENSOR), "SENSOR", None, MORNING_US, None,
        (
            ("air_temperature", 18.2, 0), ("air_humidity", 71.4, 0), ("air_dew_point", 12.9, 0),
            ("air_pressure", 1008.6, 0),
        ),
    ),
    Vendor("tasmota", _json(TASMOTA_STATE), "STATE", None, MORNING_US, None, (("device_uptime", 1048211, 0),)),
    Vendor("senseway", _json(SENSEWAY), "", "cayenne-lpp", MORNING_US + 12_035_266, 311, TWO_PROBES),
    Vendor("iij", _json(IIJ), "", "cayenne-lpp", MORNING_US + 12_927_886, 3, ONE_PROBE),
    Vendor("iij", _json(IIJ_NEW), "", "cayenne-lpp", MORNING_US + 12_421_000, 4, ONE_PROBE),
    Vendor("soracom-sigfox", _json(SIGFOX_AIR), "", "cayenne-lpp", MORNING_US + 12_000_000, 2651, ONE_PROBE),
    Vendor("sigfox", _json(SIGFOX), "", "cayenne-lpp", MORNING_US + 12_000_000, 4095, ONE_PROBE),
    Vendor(
        "soracom-funnel", _json(FUNNEL), "", None, MORNING_US + 12_421_000, None,
        (("air_temperature", 18.5, 0), ("air_humidity", 71.0, 0)),
    ),
    Vendor(
        "soracom-funnel", _json({**FUNNEL, "payloads": "AWcBEA=="}), "", "cayenne-lpp", MORNING_US + 12_421_000, None,
        ONE_PROBE,
    ),
    Vendor("soracom-beam", _json({"air_temperature": "18.5"}), measured=(("air_temperature", 18.5, 0),)),
    Vendor("soracom-beam", _json({"payload": "AWcBEA=="}), profile="cayenne-lpp", measured=ONE_PROBE),
    Vendor(
        "soracom-gps-multiunit", _json(GPS),
        measured=(
            ("air_temperature", 24.5, 0), ("air_humidity", 55.1, 0),
            ("position_latitude", 35.68, 0), ("position_longitude", 139.76, 0),
        ),
    ),
    Vendor("openblocks", _json(OPENBLOCKS), "", None, MORNING_US + 4_549_000, None, (("air_temperature", 18.5, 0),)),
    Vendor(
        "sensecap-openstream", _json({"value": "18.5", "timestamp": "1781471112137"}), "1/4097", None,
        MORNING_US + 12_137_000, None, (("air_temperature", 18.5, 1),),
    ),
    Vendor(
        "campbell-geojson", _json(CAMPBELL), "", None, MORNING_US - 300_000_000, None,
        (
            ("air_temperature", 18.21, 0), ("air_humidity", 71.4, 0), ("rain_amount", 0.5, 0),
            ("air_temperature", 18.05, 0), ("air_humidity", 72.0, 0), ("rain_amount", 0.0, 0),
            ("position_latitude", 38.27, 0), ("position_longitude", 140.87, 0), ("position_altitude", 41.0, 0),
        ),
    ),
    Vendor("value-per-topic", b"18.2", "soil_temperature", measured=(("soil_temperature", 18.2, 0),)),
    Vendor("value-per-topic", b"open", "gate_state", measured=(("gate_state", "open", 0),)),
)  # fmt: skip
