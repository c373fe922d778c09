"""A field, and the registry and judge that know it, without any server."""

from ingest.message import Received
from ingest.pipeline.build import build_interpreter
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.registry.index import DeviceEntry, Directory, GatewayEntry
from ingest.rows import MessageRows
from ingest.settings.model import Settings
from ingest.simulator.field import Field, FieldPlan
from ingest.simulator.inventory import registry_document
from ingest.simulator.station import Emission
from schemas.registry import RegistryDocument

NOON_S = 1_795_489_200.0  # 2026-11-24 12:00 in Japan
HOUR_S = 3600.0


def a_field(devices: int = 200, seed: int = 7, began_s: float = NOON_S) -> Field:
    return Field(FieldPlan(devices, seed, NOON_S - 9 * HOUR_S), began_s)


def a_directory(document: RegistryDocument) -> Directory:
    profiles = {profile.code: profile for profile in document.profiles}
    projects = {project.code: number for number, project in enumerate(document.projects, start=1)}
    entries = [
        DeviceEntry(
            number, projects[device.project], device.project, device.code, device.enabled,
            None if device.profile is None else profiles[device.profile],
        )
        for number, device in enumerate(document.devices, start=1)
    ]  # fmt: skip
    return Directory(
        1,
        native={f"{entry.project}/{entry.code}": entry for entry in entries},
        dev_eui={
            device.dev_eui: entry for device, entry in zip(document.devices, entries, strict=True) if device.dev_eui
        },
        gateways={
            gateway.gateway_id.lower(): number
            for number, gateway in enumerate(document.gateways, start=1)
            if gateway.gateway_id
        },
        gateway_entries=_gateways(document, projects),
        projects=projects,
    )


def _gateways(document: RegistryDocument, projects: dict[str, int]) -> dict[str, GatewayEntry]:
    networks = {network.code: (number, network.project) for number, network in enumerate(document.networks, start=1)}
    return {
        gateway.gateway_id: GatewayEntry(
            number,
            projects[networks[gateway.network][1]],
            networks[gateway.network][1],
            gateway.code,
            networks[gateway.network][0],
        )
        for number, gateway in enumerate(document.gateways, start=1)
        if gateway.gateway_id
    }


def a_judge(field: Field) -> Interpreter:
    return build_interpreter(Settings(), a_directory(registry_document(field)), FirstReceipts())


def interpreted(interpreter: Interpreter, emission: Emission, received_s: float | None = None) -> MessageRows:
    at_s = emission.time_s if received_s is None else received_s
    return interpreter.interpret(Received(emission.topic, emission.payload, round(at_s * 1e6) + 50_000))
