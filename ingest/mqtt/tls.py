"""TLS to the broker: which authority we trust, and which certificate we show."""

import errno
import ssl

from ingest.errors import BrokerUnavailable, SettingsRefused
from ingest.mqtt.address import Address
from ingest.settings.broker import BrokerSettings
from schemas.bilingual import Bilingual

SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


def tls_context(broker: BrokerSettings, address: Address) -> ssl.SSLContext | None:
    """The TLS side of one connection, None for a plain one.

    The files are read anew for every connection: a renewed certificate needs no restart.
    Raises SettingsRefused naming the file that cannot be used, or BrokerUnavailable while no file can be opened.
    """
    if not address.uses_tls:
        return None
    context = _trusting(broker)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if broker.cert_file is not None:
        try:
            context.load_cert_chain(broker.cert_file, broker.key_file)
        except OSError as error:  # an ssl.SSLError is one too
            _wait_if_short(error)
            files = f"{broker.cert_file} / broker.key_file {broker.key_file}"
            raise SettingsRefused(
                Bilingual(
                    f"設定 broker.cert_file {files} は使えません: {error}",
                    f"setting broker.cert_file {files} cannot be used: {error}",
                )
            ) from error
    return context


def _trusting(broker: BrokerSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=broker.ca_file)
    except OSError as error:
        _wait_if_short(error)
        raise SettingsRefused(
            Bilingual(
                f"設定 broker.ca_file {broker.ca_file} は使えません: {error}",
                f"setting broker.ca_file {broker.ca_file} cannot be used: {error}",
            )
        ) from error


def _wait_if_short(error: OSError) -> None:
    """Raise BrokerUnavailable if descriptors or memory are short: then the setting may be right."""
    if error.errno in SHORT:
        raise BrokerUnavailable(
            Bilingual(
                f"この機械の資源が足りず、ブローカーにつながりません: {error}",
                f"no connection to the broker, this machine is short of something: {error}",
            )
        ) from error
