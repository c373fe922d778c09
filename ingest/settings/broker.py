"""The settings of the broker and of the accounts in it: one section of `model.Settings`."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from schemas.bilingual import Bilingual

BROKER_SCHEMES = {"mqtt": 1883, "mqtts": 8883}


def _broker_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in BROKER_SCHEMES or not parts.hostname:
        raise ValueError(
            Bilingual(
                "mqtt://host:1883 か、TLS なら mqtts://host:8883 と書いてください",
                "write mqtt://host:1883 or, with TLS, mqtts://host:8883",
            )
        )
    return url


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BrokerSettings(_Part):
    """The connection to the MQTT broker."""

    url: Annotated[str, AfterValidator(_broker_url)] = Field(
        "mqtt://127.0.0.1:1883", description="mqtt:// or, with TLS, mqtts://. User and password may stand in the URL."
    )
    username: str | None = Field(None, description="Wins over the user in the URL")
    password: SecretStr | None = Field(None, description="Wins over the password in the URL")
    ca_file: Path | None = Field(
        None, description="Certificate authority of the broker; without it the system's are used"
    )
    cert_file: Path | None = Field(None, description="Our client certificate, for brokers that ask for one")
    key_file: Path | None = Field(None, description="The key of our client certificate")
    protocol: Literal["5", "3.1.1"] = Field(
        "5", description="3.1.1 is for brokers that do not speak MQTT 5; it is about eight times slower"
    )
    client_id: str | None = Field(
        None,
        min_length=1,
        description="Not set: made once by chance and kept in the database, so that nobody can take our session. One"
        " that is set must never change, and nobody else may know it",
    )
    keep_alive_s: int = Field(30, ge=2, le=65535, description="Longest silence on the connection, in seconds")
    session_expiry_s: int = Field(
        7 * 86400, ge=0, le=2**32 - 1, description="How long the broker keeps our messages while we are away (MQTT 5)"
    )
    receive_maximum: int = Field(
        12_000, ge=1, le=65535, description="Unacknowledged messages the broker may send; smaller throttles a drain"
    )
    connect_timeout_s: float = Field(10.0, gt=0, description="How long one attempt to connect may take")
    backoff_max_s: float = Field(30.0, gt=0, description="Longest pause between two attempts to reconnect")

    @model_validator(mode="after")
    def _certificate_has_a_key(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError(
                Bilingual(
                    "cert_file と key_file は両方書いてください",
                    "cert_file and key_file go together",
                )
            )
        return self

    @property
    def client_id_in_use(self) -> str:
        """The client id the service connects with. Raises LookupError before the database was asked."""
        if self.client_id is None:
            raise LookupError("broker.client_id: the database has not been asked for it")
        return self.client_id


class AccessSettings(_Part):
    """Accounts in the broker, as `noroshi broker apply` writes them; the running service only reads `issued_file`."""

    username: str = Field("noroshi-admin", min_length=1, description="Who may administer accounts in the broker")
    password: SecretStr | None = Field(None, description="The password of the administrator of accounts")
    address: str | None = Field(
        None, description="Where devices find the broker, for the slips of the installer; not set: broker.url"
    )
    any_client_id: tuple[str, ...] = Field(
        (),
        description="Accounts (project/code, gateway:CODE, server:NETWORK) that cannot be given a client id: a risk,"
        " see docs/decisions/034",
    )
    watch_panels: tuple[str, ...] = Field(
        (),
        description="Projects with an account watch:PROJECT, for panels and other systems: it hears what the watch says"
        " of the project, and may acknowledge its incidents",
    )
    things_stack_tenant: str | None = Field(
        None, description="What The Things Stack writes behind @ in its topics, where several servers share the broker"
    )
    issued_file: Path | None = Field(
        None, description="The list issued.csv of deploy/tls/authority.sh: whose certificates run out, is watched"
    )
    simulator_username: str = Field("simulator", min_length=1, description="The simulated field in the broker")
    simulator_password: SecretStr | None = Field(
        None, description="Not set: the simulated field has no account, as it should be where nobody demonstrates"
    )
