"""Runs checks side by side. Each has its own time limit, so that one that hangs delays no other."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from ingest.doctor.finding import Finding, bad, note, unknown
from ingest.doctor.installation import Installation
from ingest.errors import NoroshiError, StoreUnfit
from ingest.mqtt.probe.session import TOPICS, ProbeNotPermitted
from schemas.bilingual import Bilingual, quoted

Examine = Callable[[Installation], Awaitable[Sequence[Finding]]]


_FIRST = Bilingual("まずこれを直し、もう一度実行してください", "mend this first, then call this again")


class Check(NamedTuple):
    """One line of the table. `reaches`: the check asks whether a server is there, so its absence is a finding."""

    name: str
    title: Bilingual
    examine: Examine
    seconds: float = 20.0
    reaches: bool = False


class Examined(NamedTuple):
    """The findings of a check. `unreached`: the error if its server is not there."""

    check: Check
    findings: Sequence[Finding]
    unreached: str = ""


async def run(checks: Sequence[Check], installation: Installation) -> list[Examined]:
    """Run all checks at once; results are in the order of the table. Errors of a check become findings."""
    found = await asyncio.gather(*(_run(check, installation) for check in checks))
    said = {one.unreached: one.check.name for one in found if one.unreached and one.check.reaches}
    return [_shorter(one, said.get(one.unreached, "")) for one in found]


def _shorter(examined: Examined, where: str) -> Examined:
    """The result with a shorter text if another check has reported the same absent server."""
    if not where or examined.check.reaches:
        return examined
    short = Bilingual(f"[{where}] と同じ理由で調べられませんでした", f"not examined, see [{where}]")
    return examined._replace(findings=[unknown(short)])


async def _run(check: Check, installation: Installation) -> Examined:
    try:
        async with asyncio.timeout(check.seconds):
            return Examined(check, await check.examine(installation))
    except TimeoutError:
        return Examined(check, [_not_in_time(check)])
    except ProbeNotPermitted:
        return Examined(check, [_not_permitted()])
    except StoreUnfit as error:
        return Examined(check, [_unfit(check, error.said)], unreached=error.said.en)
    except NoroshiError as error:
        return Examined(check, [_not_reached(check, error.said)], unreached=error.said.en)
    except OSError as error:
        return Examined(check, [_not_reached(check, quoted(error))], unreached=str(error))


def _not_in_time(check: Check) -> Finding:
    found = Bilingual(f"{check.seconds:g} 秒以内に調べ終わりませんでした", f"not examined within {check.seconds:g} s")
    todo = Bilingual(
        "相手が応答しているか、回線が遅くないかを確かめてください", "see whether the other end answers, and how fast"
    )
    return bad(found, todo) if check.reaches else unknown(found, todo)


def _not_permitted() -> Finding:
    return note(
        Bilingual(
            f"ブローカーの権限により {TOPICS}/# を使えないため、調べていません",
            f"not examined: the broker does not let us use {TOPICS}/#",
        ),
        Bilingual(
            "noroshi broker apply を実行するか、取込サービスの利用者に読み書きを許してください",
            "run `noroshi broker apply`, or let the user of the service read and write there",
        ),
    )


def _unfit(check: Check, error: Bilingual) -> Finding:
    found = Bilingual(f"使えません: {error.ja}", f"cannot be used: {error.en}")
    return bad(found, _FIRST) if check.reaches else unknown(found)


def _not_reached(check: Check, error: Bilingual) -> Finding:
    if check.reaches:
        return bad(
            Bilingual(f"つながりません: {error.ja}", f"not reached: {error.en}"),
            _FIRST,
        )
    return unknown(Bilingual(f"調べられませんでした: {error.ja}", f"could not be examined: {error.en}"))
