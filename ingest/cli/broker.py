"""`noroshi broker`: writes the accounts of the broker from the registry (台帳)."""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import click
from pydantic import SecretStr

from ingest.broker_accounts.account import Account
from ingest.broker_accounts.changes import ChangeSet, Passwords, compare
from ingest.broker_accounts.control import Control, accepts
from ingest.broker_accounts.password import new_password
from ingest.broker_accounts.slips import Slip, as_csv, as_text
from ingest.broker_accounts.summary import report
from ingest.broker_accounts.wanted import Rules, Wanted, ingester, simulator, wanted
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.options import broker_option, database_option, reserved_in, settings_for
from ingest.cli.say import say_text
from ingest.errors import CallRefused, SettingsRefused
from ingest.mqtt.address import address_of
from ingest.registry.client_ids import check_whole
from ingest.settings.broker import BrokerSettings
from ingest.settings.model import Settings
from ingest.store.registry import registry as store
from schemas.bilingual import Bilingual, joined
from schemas.japan import JST

ALL = "all"

APPLY_HELP = Bilingual(
    """台帳の機器・基地局・通信網ごとに、ブローカーの口座とトピックの許可を書き込みます。

    台帳にないものの口座は消えます(この命令で作った口座だけ)。何度実行しても同じ結果になり、途中で止まったときは、
    もう一度実行すれば続きを行います。新しいパスワードが知らされるのは一度だけです。""",
    """Write an account for each device, gateway and network of the registry, and the topics it may use.

    Accounts of what the registry does not have are removed, if this command made them. It may be called again and
    again, and finishes what was interrupted. New passwords are told once.""",
)


@group(
    help=Bilingual("ブローカーの口座を、台帳に合わせます。", "The accounts of the broker, as the registry wants them.")
)
def broker() -> None:
    """The group of these commands. Clerks read their output."""


class Orders(NamedTuple):
    """The options of a call. `rotate`: user names that get a new password."""

    rotate: frozenset[str]
    slips: Path | None
    on_paper: bool
    dry_run: bool
    remove: bool


@broker.command(help=APPLY_HELP)
@option(
    "--dry-run",
    is_flag=True,
    help=Bilingual("何が変わるかだけを示し、ブローカーは変えません。", "Only say what would change at the broker"),
)
@option(
    "--rotate",
    metavar="CODE",
    multiple=True,
    help=Bilingual(
        "この機器コード(またはユーザー名)のパスワードを再発行します。all はすべて。",
        "Make the password of this device (or user name) anew; all: of everybody",
    ),
)
@option(
    "--slips",
    type=click.Path(path_type=Path),
    help=Bilingual(
        "設置業者に渡す一覧(CSV)。本人だけが読めるファイルとして新しく作ります。",
        "A table for the installer (CSV), a new file that only its owner may read",
    ),
)
@option(
    "--print",
    "on_paper",
    is_flag=True,
    help=Bilingual(
        "設置業者に渡す票を、印刷用に標準出力へ書きます。", "Write the slips for the installer to standard output"
    ),
)
@option(
    "--service-only",
    is_flag=True,
    help=Bilingual(
        "取込サービスと模擬の機器の口座だけを整えます。", "Only the accounts of the service and of the simulated field"
    ),
)
@database_option
@broker_option
def apply(
    *,
    dry_run: bool,
    rotate: tuple[str, ...],
    slips: Path | None,
    on_paper: bool,
    service_only: bool,
    database: str | None,
    broker: str | None,
) -> None:
    """Compare the registry with the broker, hand over the new passwords, then write the accounts."""
    settings = settings_for(database=database, broker=broker)
    wanted_accounts = Wanted((), ()) if service_only else _registered(settings)
    accounts = (*_of_the_program(settings), *wanted_accounts.accounts)
    orders = Orders(_chosen(rotate, accounts), slips, on_paper, dry_run, remove=not service_only)
    plan = asyncio.run(_apply(settings, accounts, orders))
    say_text(report(plan, wanted_accounts.unfit, dry_run=dry_run), err=on_paper)


def _rules(settings: Settings) -> Rules:
    access = settings.access
    return Rules(
        settings.routes,
        frozenset(access.any_client_id),
        access.things_stack_tenant,
        settings.sparkplug.rebirth_requests,
        settings.sparkplug.host_id,
        access.watch_panels,
    )


def _registered(settings: Settings) -> Wanted:
    with open_database(settings) as connection:
        document = store.export(connection)
    problems = check_whole(document, reserved_in(settings))
    if problems:
        mend = Bilingual(
            "台帳を直してから、もう一度実行してください。ブローカーは変えていません。",
            "Correct the registry, then call this again. The broker is as it was.",
        )
        raise CallRefused(joined([*(problem.said for problem in problems), mend]))
    unknown = sorted(set(settings.access.watch_panels) - {project.code for project in document.projects})
    if unknown:
        names = " ".join(unknown)
        raise SettingsRefused(
            Bilingual(
                f"設定 access.watch_panels: この事業は台帳にありません: {names}",
                f"setting access.watch_panels: the registry has no such project: {names}",
            )
        )
    return wanted(document, _rules(settings))


def _of_the_program(settings: Settings) -> Iterator[Account]:
    """The accounts of the service, if the settings name it, and of the simulator, if it has a password."""
    service = address_of(settings.broker)
    if service.username and service.password:
        yield ingester(service.username, _rules(settings))
    if settings.access.simulator_password is not None:
        yield simulator(settings.access.simulator_username, _rules(settings))


def _secrets(settings: Settings) -> Mapping[str, str]:
    """The passwords in the settings, by user name."""
    service, access = address_of(settings.broker), settings.access
    found = {service.username: service.password} if service.username and service.password else {}
    if access.simulator_password is not None:
        found[access.simulator_username] = access.simulator_password.get_secret_value()
    return found


def _chosen(rotate: Sequence[str], accounts: Sequence[Account]) -> frozenset[str]:
    """User names that get a new password. Raises CallRefused for an unknown name."""
    chosen: set[str] = set()
    for word in rotate:
        mine = {each.username for each in accounts if word in (ALL, each.code, each.username)}
        if not mine:
            raise CallRefused(
                Bilingual(
                    f"--rotate {word}: 台帳に、この機器コードで口座を持つものがありません",
                    f"--rotate {word}: nothing in the registry has an account of this code",
                )
            )
        chosen |= mine
    return frozenset(chosen)


async def _apply(settings: Settings, accounts: Sequence[Account], orders: Orders) -> ChangeSet:
    async with Control(_as(settings, settings.access.username, settings.access.password)) as control:
        given = {
            name: password
            for name, password in _secrets(settings).items()
            if not await accepts(_as(settings, name, SecretStr(password)))
        }
        passwords = Passwords(given, new_password)
        plan = compare(await control.present(), accounts, passwords, rotate=orders.rotate, remove=orders.remove)
        if plan.problems:
            raise CallRefused(joined(plan.problems))
        if not orders.dry_run:
            _hand_over(settings, plan, orders)
            await control.carry_out(plan.commands)
    return plan


def _as(settings: Settings, username: str, password: SecretStr | None) -> BrokerSettings:
    if password is None:
        raise SettingsRefused(
            Bilingual(
                "設定 access.password (NOROSHI_ACCESS__PASSWORD): これがないと口座を管理できません",
                "setting access.password (NOROSHI_ACCESS__PASSWORD): without it nobody may administer accounts",
            )
        )
    return settings.broker.model_copy(update={"username": username, "password": password})


def _hand_over(settings: Settings, plan: ChangeSet, orders: Orders) -> None:
    """Hand out new passwords before the broker gets them, so that none is ever in force and lost."""
    if not plan.told_once:
        return
    address = settings.access.address or str(address_of(settings.broker))
    issued = f"{datetime.now(JST):%Y-%m-%d %H:%M}"
    slips = [Slip(account, password, address, issued) for account, password in plan.told_once]
    if orders.slips is None and not orders.on_paper:
        raise CallRefused(
            Bilingual(
                f"新しいパスワードが {len(slips)} 件あります。渡す先を --slips FILE.csv か --print で指定してください。"
                "ブローカーは変えていません",
                f"there are {len(slips)} new passwords: say with --slips FILE.csv or --print where they go."
                " The broker is as it was",
            )
        )
    if orders.slips is not None:
        _write_for_the_owner_only(orders.slips, as_csv(slips))
    if orders.on_paper:
        say_text(as_text(slips))


def _write_for_the_owner_only(path: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise CallRefused(
            Bilingual(
                f"{path} は既にあります。前のパスワードを残すため、別の名前にしてください",
                f"{path} exists: choose another name, so that the former passwords stay",
            )
        ) from None
    except OSError as error:
        raise CallRefused(
            Bilingual(f"{path} に書き込めません: {error.strerror}", f"{path} cannot be written: {error.strerror}")
        ) from error
