"""`noroshi decode`: what a frame or a message means, without a broker and a database."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import click

from ingest import explain
from ingest.decode import mapped
from ingest.decode.limits import Limits
from ingest.errors import CallRefused
from ingest.registry.problem import Kind
from ingest.registry.read import read
from schemas.profile import Profile
from schemas.profiles import shipped_profiles

HELP = """Show what a frame or a message means: each value with its bytes, field, quantity and flags.

\b
noroshi decode --profile milesight-em500-smt --port 85 --hex 017564046871
noroshi decode --map tasmota --event SENSOR message.json
noroshi decode --from own.yaml --profile my-sensor --hex 0110ff

Nothing is stored, and neither broker nor database is needed."""


@click.command(help=HELP)
@click.argument("file", required=False, type=click.File("rb"))
@click.option("--profile", metavar="CODE", help="The profile of the device: shipped, or in a file given by --from")
@click.option("--map", "map_", metavar="CODE", help="The map that reads the message FILE (- is standard input)")
@click.option("--hex", "hex_", metavar="BYTES", help="A frame in hexadecimal digits; blanks and colons do not matter")
@click.option("--port", type=click.IntRange(0, 255), help="The LoRaWAN port of the frame")
@click.option("--event", default="", help="What the topic of the message says as {event}")
@click.option(
    "--from", "sources", multiple=True, metavar="YAML", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A registry file with own profiles; may be given several times",
)  # fmt: skip
def decode(
    file: BinaryIO | None,
    profile: str | None,
    map_: str | None,
    hex_: str | None,
    port: int | None,
    event: str,
    sources: tuple[Path, ...],
) -> None:
    """A frame by its profile, or a message by its map."""
    known = shipped_profiles() | _own(sources)
    if hex_ is not None and profile is not None and map_ is None and file is None:
        click.echo("\n".join(_frame(_bytes(hex_), port, _named(known, profile))))
    elif map_ is not None and file is not None and hex_ is None:
        device = None if profile is None else _named(known, profile)
        click.echo("\n".join(_message(file.read(), event, _named(known, map_), device)))
    else:
        raise CallRefused(
            "give a frame (--profile CODE --hex BYTES) or a message (--map CODE FILE); --help shows examples"
        )


def _own(sources: tuple[Path, ...]) -> dict[str, Profile]:
    """The profiles of these files. Raises CallRefused that names each mistake with its file, line and field."""
    reading = read(sources)
    if reading.problems:
        raise CallRefused("\n".join(str(problem) for problem in reading.problems))
    return {one.code: one for one in reading.things[Kind.PROFILE] if isinstance(one, Profile)}


def _named(known: Mapping[str, Profile], code: str) -> Profile:
    found = known.get(code)
    if found is None:
        near = difflib.get_close_matches(code, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known))}"
        raise CallRefused(f"there is no profile {code}; {hint}")
    return found


def _bytes(text: str) -> bytes:
    digits = text.replace(":", "").replace("-", "").removeprefix("0x")
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise CallRefused(f"--hex {text!r} is not hexadecimal: two digits for each byte") from None


def _frame(content: bytes, port: int | None, profile: Profile) -> list[str]:
    if not profile.reads_bytes:
        raise CallRefused(f"the profile {profile.code} does not say what bytes mean: it has no `frames` or `cayenne`")
    where = "" if port is None else f" on port {port}"
    lines = explain.frame(content, port, profile)
    head = [f"{profile.code}: {profile.name}", f"{len(content)} bytes{where}", ""]
    return head + (list(explain.table(lines)) if lines else ["a frame that measures nothing"])


def _message(payload: bytes, event: str, mapping: Profile, device: Profile | None) -> list[str]:
    if mapping.map is None:
        raise CallRefused(f"the profile {mapping.code} has no map: with it, frames are read (--profile, --hex)")
    said = mapped.decoder(mapping)(payload, event, device, Limits())
    named = mapped.named_device(mapping, payload, Limits()) if mapping.map.device is not None else None
    head = [f"{mapping.code}: {mapping.name}", *([f"device    {named}"] if named else []), *explain.about(said), ""]
    lines = explain.uplink(said)
    return head + (list(explain.table(lines)) if lines else ["a message that measures nothing"])
