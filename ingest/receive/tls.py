"""TLS to the broker: who we trust, and how we show who we are."""

import ssl

from ingest.errors import SettingsRefused
from ingest.receive.address import Address
from ingest.settings import BrokerSettings


def tls_context(broker: BrokerSettings, address: Address) -> ssl.SSLContext | None:
    """The TLS side of one connection, None for a plain one.

    The files are read anew for every connection: a renewed certificate needs no restart.
    Raises SettingsRefused naming the file that cannot be used.
    """
    if not address.uses_tls:
        return None
    context = _trusting(broker)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if broker.cert_file is not None:
        try:
            context.load_cert_chain(broker.cert_file, broker.key_file)
        except OSError as error:  # an ssl.SSLError is one too
            files = f"{broker.cert_file} / broker.key_file {broker.key_file}"
            raise SettingsRefused(f"setting broker.cert_file {files} cannot be used: {error}") from error
    return context


def _trusting(broker: BrokerSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=broker.ca_file)
    except OSError as error:
        raise SettingsRefused(f"setting broker.ca_file {broker.ca_file} cannot be used: {error}") from error
