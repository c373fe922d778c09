"""Registry files as people make them, for the tests of the registry."""

from collections.abc import Sequence
from pathlib import Path

from ingest.registry.read import Reading, read

BASE = """
projects:
  - {code: agri, name: スマート農業事業, organisation_code: "990001"}
  - {code: bosai, name: 防災事業}
networks:
  - {code: lora, project: agri, kind: LoRaWAN, name: 農業 LPWA}
  - {code: halow, project: bosai, kind: Wi-Fi HaLow, name: 防災 HaLow}
gateways:
  - {code: gw-1, network: lora, name: 山の基地局, gateway_id: 24E124FFFEF12345}
"""
HEADINGS = "機器コード,事業,通信網,機器名,DevEUI,送信間隔(秒)"


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """A file of that text, its line ends untouched."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def table(folder: Path, rows: Sequence[str], *, headings: str = HEADINGS, name: str = "devices.csv") -> Path:
    """A CSV file as Excel in Japan saves it today."""
    return written(folder, name, "\r\n".join([headings, *rows, ""]), "utf-8-sig")


def base(folder: Path) -> Path:
    """Two projects, two networks and a gateway."""
    return written(folder, "base.yaml", BASE)


def messages(reading: Reading) -> list[str]:
    """The problems of a reading as a clerk reads them."""
    return [str(problem) for problem in reading.problems]


def read_rows(folder: Path, rows: Sequence[str], *, headings: str = HEADINGS) -> Reading:
    """What a device table of these rows says."""
    return read([table(folder, rows, headings=headings)])


__all__ = ["BASE", "HEADINGS", "base", "messages", "read", "read_rows", "table", "written"]
