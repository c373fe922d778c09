"""A registry document as the path needs it, without a database: for looking at one message."""

from collections.abc import Mapping

from ingest.bindings import bind
from ingest.directory import DeviceEntry, Directory
from schemas.own_quantity import FIRST_OWN_ID, catalogue_of
from schemas.profile import Profile
from schemas.profiles import shipped_profiles
from schemas.quantity import BY_CODE, Quantity
from schemas.registry import RegistryDocument


def directory_of(document: RegistryDocument) -> Directory:
    """The look-up tables of one document; ids are counted up, as nobody will store by them."""
    projects = {project.code: number for number, project in enumerate(document.projects, start=1)}
    profiles = shipped_profiles() | {profile.code: profile for profile in document.profiles}
    catalogues = {code: _catalogue(document, code) for code in projects}
    native: dict[str, DeviceEntry] = {}
    for number, device in enumerate(document.devices, start=1):
        catalogue = catalogues.get(device.project, BY_CODE)
        held = [each for each in document.bindings if (each.project, each.device) == (device.project, device.code)]
        native[f"{device.project}/{device.code}"] = DeviceEntry(
            number,
            projects.get(device.project, 0),
            device.project,
            device.code,
            device.enabled,
            _profile(profiles, device.profile),
            catalogue=catalogue,
            bindings=bind(held, catalogue, profiles) if held else None,
        )
    by_key = [(device, native[f"{device.project}/{device.code}"]) for device in document.devices]
    return Directory(
        native=native,
        dev_eui={device.dev_eui: entry for device, entry in by_key if device.dev_eui},
        things_stack={device.things_stack_id: entry for device, entry in by_key if device.things_stack_id},
        projects=projects,
    )


def _profile(profiles: Mapping[str, Profile], code: str | None) -> Profile | None:
    return None if code is None else profiles.get(code)


def _catalogue(document: RegistryDocument, project: str) -> Mapping[str, Quantity]:
    own = {
        quantity.code: quantity.as_quantity(FIRST_OWN_ID + number)
        for number, quantity in enumerate(document.quantities)
        if quantity.project == project
    }
    ranges = {each.quantity: each.of(BY_CODE[each.quantity]) for each in document.ranges if each.project == project}
    return catalogue_of(own, ranges)
