"""When the certificates that the service itself uses run out. Files are read at each scrape: they may be renewed."""

import re
import ssl
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.runtime.bounded_files import FileRefused, read_regular
from ingest.telemetry.issued import first_expiry_s
from ingest.telemetry.metrics import PREFIX

_MAX_BYTES = 4 * 2**20

NAME = "certificate_expiry_timestamp_seconds"
MEANING = "When the certificate in a file runs out, in seconds since 1970; 0 if the file cannot be read"

_PEM = re.compile(r"-----BEGIN (?:TRUSTED )?CERTIFICATE-----.+?-----END (?:TRUSTED )?CERTIFICATE-----", re.DOTALL)
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_VERSION = 0xA0


class CertificateMetrics(Collector):
    """One gauge a file. The label `role` says what the file is for: broker_ca, broker_client, database_ca, ...

    `issued`, if there is such a list: the first to run out of the certificates that we gave to devices and the broker.
    """

    def __init__(self, files: Mapping[str, Path], issued: Path | None = None) -> None:
        self._files = files
        self._issued = issued

    def collect(self) -> Iterable[Metric]:
        """At the moment of the scrape."""
        gauge = GaugeMetricFamily(f"{PREFIX}_{NAME}", MEANING, labels=["role"])
        for role, file in self._files.items():
            gauge.add_metric([role], expiry_s(file, last=role.endswith("_ca")))
        first = None if self._issued is None else first_expiry_s(self._issued)
        if first is not None:
            gauge.add_metric(["issued"], first)
        yield gauge


def expiry_s(file: Path, *, last: bool) -> float:
    """When what is in the file runs out, in seconds since 1970; 0 if there is no certificate to be read.

    `last`: of several certificates the one that holds longest counts. So with authorities, of which an old and a new
    one lie side by side for a while; in a chain that we show, all have to hold.
    """
    try:
        text = read_regular(file, _MAX_BYTES).decode("latin-1")
        ends = [not_after(ssl.PEM_cert_to_DER_cert(found)).timestamp() for found in _PEM.findall(text)]
    except (OSError, ValueError, IndexError, FileRefused):
        return 0.0
    return (max if last else min)(ends, default=0.0)


def not_after(certificate: bytes) -> datetime:
    """The end of validity of a certificate in DER (RFC 5280, section 4.1). Raises ValueError or IndexError."""
    _, outer, _ = _element(certificate)
    _, signed, _ = _element(outer)
    tag, _, rest = _element(signed)
    for _ in range(4 if tag == _VERSION else 3):  # serial number, algorithm, issuer; then comes the validity
        tag, value, rest = _element(rest)
    _, _, rest = _element(value)
    tag, value, _ = _element(rest)
    return _moment(tag, value.decode("ascii"))


def _element(der: bytes) -> tuple[int, bytes, bytes]:
    """Tag and content of the first element, and what follows it."""
    length, start = der[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(der[2:start], "big")
    end = start + length
    if end > len(der):
        raise ValueError("the certificate is cut off")
    return der[0], der[start:end], der[end:]


def _moment(tag: int, text: str) -> datetime:
    if tag == _UTC_TIME:  # two digits of the year, from 1950 to 2049
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("no time where the end of validity should be")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
