"""`noroshi decode`: decodes a frame or a message, without a broker and a database."""

import difflib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import click

from ingest.cli.command import command, option
from ingest.cli.options import MAX_FILE_BYTES, REGISTRY_FILE
from ingest.cli.say import say
from ingest.decode.common.limits import Limits
from ingest.decode.mapped import mapped
from ingest.errors import CallRefused
from ingest.pipeline import explain
from ingest.registry.problem import Kind
from ingest.registry.read import STANDARD_INPUT, read
from ingest.runtime.bounded_files import read_stream
from schemas.bilingual import Bilingual, joined, quoted
from schemas.profile import Profile
from schemas.profiles import shipped_profiles

_EXAMPLES = """\b
noroshi decode --profile milesight-em500-smt --port 85 --hex 017564046871
noroshi decode --map tasmota --event SENSOR message.json
noroshi decode --from own.yaml --profile my-sensor --hex 0110ff"""

HELP = Bilingual(
    f"""フレームかメッセージの意味を、値ごとにバイト、項目、測定項目、印とともに示します。

{_EXAMPLES}

何も保存しません。ブローカーもデータベースも要りません。""",
    f"""Show what a frame or a message means: each value with its bytes, field, quantity and flags.

{_EXAMPLES}

Nothing is stored, and neither broker nor database is needed.""",
)


@command(help=HELP)
@click.argument("file", required=False, type=click.File("rb"))
@option(
    "--profile",
    metavar="CODE",
    help=Bilingual(
        "機器のプロファイル。同梱のものか、--from のファイルのもの。",
        "The profile of the device: shipped, or in a file given by --from",
    ),
)
@option(
    "--map",
    "map_",
    metavar="CODE",
    help=Bilingual(
        "メッセージ FILE を読むマップ(- は標準入力)。", "The map that reads the message FILE (- is standard input)"
    ),
)
@option(
    "--hex",
    "hex_",
    metavar="BYTES",
    help=Bilingual(
        "16進で書いたフレーム。空白とコロンは無視します。",
        "A frame in hexadecimal digits; blanks and colons do not matter",
    ),
)
@option(
    "--port",
    type=click.IntRange(0, 255),
    help=Bilingual("フレームの LoRaWAN ポート。", "The LoRaWAN port of the frame"),
)
@option(
    "--event",
    default="",
    help=Bilingual("トピックの {event} にあたるもの。", "What the topic of the message says as {event}"),
)
@option(
    "--from",
    "sources",
    multiple=True,
    metavar="YAML",
    type=REGISTRY_FILE,
    help=Bilingual(
        "独自のプロファイルのある台帳のファイル。何度でも書けます。- は標準入力。",
        "A registry file with own profiles; may be given several times; - is standard input",
    ),
)
def decode(
    file: BinaryIO | None,
    profile: str | None,
    map_: str | None,
    hex_: str | None,
    port: int | None,
    event: str,
    sources: tuple[Path, ...],
) -> None:
    """Decode a frame by its profile, or a message by its map."""
    if file is sys.stdin.buffer and STANDARD_INPUT in sources:
        raise CallRefused(
            Bilingual(
                "標準入力(-)は FILE か --from の、どちらか一方にしてください",
                "- (standard input) can be FILE or --from, not both",
            )
        )
    known = shipped_profiles() | _own(sources)
    if hex_ is not None and profile is not None and map_ is None and file is None:
        say(*_frame(_bytes(hex_), port, _named(known, profile)))
    elif map_ is not None and file is not None and hex_ is None:
        device = None if profile is None else _named(known, profile)
        say(*_message(read_stream(file, MAX_FILE_BYTES, "FILE"), event, _named(known, map_), device))
    else:
        raise CallRefused(
            Bilingual(
                "フレーム(--profile CODE --hex BYTES)かメッセージ(--map CODE FILE)を書いてください。"
                "--help に例があります",
                "give a frame (--profile CODE --hex BYTES) or a message (--map CODE FILE); --help shows examples",
            )
        )


def _own(sources: tuple[Path, ...]) -> dict[str, Profile]:
    """The profiles of these files. Raises CallRefused that names each mistake with its file, line and field."""
    reading = read(sources)
    if reading.problems:
        raise CallRefused(joined(problem.said for problem in reading.problems))
    return {one.code: one for one in reading.things[Kind.PROFILE] if isinstance(one, Profile)}


def _named(known: Mapping[str, Profile], code: str) -> Profile:
    found = known.get(code)
    if found is None:
        near = difflib.get_close_matches(code, known, n=3, cutoff=0.5)
        every = ", ".join(sorted(known))
        hint = Bilingual(f"あるもの: {every}", f"there are {every}")
        if near:
            hint = Bilingual(f"{'か '.join(near)} ではありませんか", f"did you mean {' or '.join(near)}?")
        raise CallRefused(
            Bilingual(f"プロファイル {code} はありません。{hint.ja}", f"there is no profile {code}; {hint.en}")
        )
    return found


def _bytes(text: str) -> bytes:
    digits = text.replace(":", "").replace("-", "").removeprefix("0x")
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise CallRefused(
            Bilingual(
                f"--hex {text!r} は16進ではありません。一バイトを二桁で書いてください",
                f"--hex {text!r} is not hexadecimal: two digits for each byte",
            )
        ) from None


def _frame(content: bytes, port: int | None, profile: Profile) -> list[Bilingual]:
    if not profile.reads_bytes:
        raise CallRefused(
            Bilingual(
                f"プロファイル {profile.code} にはバイト列の意味がありません(frames か cayenne が要ります)",
                f"the profile {profile.code} does not say what bytes mean: it has no `frames` or `cayenne`",
            )
        )
    where = quoted("") if port is None else Bilingual(f"(ポート {port})", f" on port {port}")
    lines = explain.frame(content, port, profile)
    size = Bilingual(f"{len(content)} バイト{where.ja}", f"{len(content)} bytes{where.en}")
    nothing = Bilingual("測定値のないフレームです", "a frame that measures nothing")
    head = [quoted(f"{profile.code}: {profile.name}"), size, quoted("")]
    return head + (list(explain.table(lines)) if lines else [nothing])


def _message(payload: bytes, event: str, mapping: Profile, device: Profile | None) -> list[Bilingual]:
    if mapping.map is None:
        raise CallRefused(
            Bilingual(
                f"プロファイル {mapping.code} はマップではありません。フレームを読むものです(--profile、--hex)",
                f"the profile {mapping.code} has no map: with it, frames are read (--profile, --hex)",
            )
        )
    said = mapped.decoder(mapping)(payload, event, device, Limits())
    named = mapped.named_device(mapping, payload, Limits()) if mapping.map.device is not None else None
    about = [quoted(f"{mapping.code}: {mapping.name}")]
    if named:
        about.append(explain.fact("機器", "device", quoted(named)))
    nothing = Bilingual("測定値のないメッセージです", "a message that measures nothing")
    lines = explain.uplink(said)
    return [*about, *explain.about(said), quoted(""), *(explain.table(lines) if lines else [nothing])]
