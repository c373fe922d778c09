"""Metrics of when certificates of the service expire. Files are read at each scrape, because they may be renewed."""

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

    `issued`: the list of certificates given to devices and the broker. Its gauge is the first of them to expire.
    """

    def __init__(self, files: Mapping[str, Path], issued: Path | None = None) -> None:
        self._files = files
        self._issued = issued

    def collect(self) -> Iterable[Metric]:
        """Part of the collector protocol of prometheus_client: the gauges as of now."""
        gauge = GaugeMetricFamily(f"{PREFIX}_{NAME}", MEANING, labels=["role"])
        for role, file in self._files.items():
            gauge.add_metric([role], expiry_s(file, last=role.endswith("_ca")))
        first = None if self._issued is None else first_expiry_s(self._issued)
        if first is not None:
            gauge.add_metric(["issued"], first)
        yield gauge


def expiry_s(file: Path, *, last: bool) -> float:
    """When the certificates in a file expire, in seconds since 1970; 0 if no certificate can be read.

    The first of several counts, because all of a server's chain have to be valid. `last`: the last counts. That is for
    authorities, of which an old and a new one may be in one file for a while.
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
