"""What the next operator takes over (事業者間の引継ぎ): equipment, networks, who may come in, and where the data are.

Keys and passwords are kept nowhere, so none can stand here: the list says what has to be made anew.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from ingest.access.roles import Role, Scope
from ingest.figures.report.equipment import ReportOutage, report_outages
from ingest.figures.report.takeover import (
    TakeoverDevice,
    TakeoverNetwork,
    TakeoverToken,
    takeover_access,
    takeover_devices,
    takeover_export,
    takeover_networks,
    takeover_stages,
    takeover_stores,
    takeover_tokens,
)
from ingest.report.source.base import Asked, FieldsRead, RowRead, Source, TableRead, WrittenRead
from ingest.report.source.body import NO_PLAN, keep
from ingest.report.source.incidents import OUTAGE_OFFERED, outage_row
from ingest.report.source.proof import evidence_of, figure_cell, missing_cell, said
from ingest.report.source.words import cell_of
from schemas.bilingual import Bilingual
from schemas.device import NetworkKind
from schemas.japan import to_jst
from schemas.report_document import Cell, Evidence, Said, Value, WrittenCell

_NOT_SAID = Bilingual("台帳に記載がありません", "the registry does not say it")
_NO_DATA = Bilingual("データがまだ届いていません", "nothing came from it yet")
_NO_GATEWAY = Bilingual("決まった基地局がありません", "it has no gateway of its own")
_NO_KEYS = Bilingual(
    "鍵・パスワードはサービスが保存していません。引継ぎのときに作り直してください",
    "keys and passwords are kept nowhere: make them anew at the take-over",
)
_MAY_NOT = Bilingual("利用者・監査ログを読む権限がありません", "people and the audit log may not be read")
_NO_EXPORT = Bilingual(
    "監査ログに書き出し(noroshi export)の記録がありません", "the audit log has no export of the project"
)
_NO_BACKUP = Bilingual(
    "バックアップはサービスの外で作るため、記録がありません。下の記入欄に書いてください",
    "backups are made outside of the service: write it into the place below",
)
_NOT_USED = Bilingual("まだ使われていません", "it was not used yet")
_NONE = Bilingual("記録がありません", "there is no record")

_NOW = Said(
    ja="台帳・権限・トークンは、基準日ではなく作成時点の状態です。",
    en="Registry, rights and tokens are as they are now, not as on the day of the report.",
)
_ACCOUNTS: Mapping[str, str] = {
    "own": "機器ごとのアカウント", "server": "ネットワークサーバー経由", "node": "Sparkplug ノード経由",
}  # fmt: skip
_REACHES: Mapping[str, str] = {
    "project": "この事業", "organisation": "団体の全事業", "network": "通信網(設置者)", "share": "共有先の団体",
    "everything": "全団体(システム管理)",
}  # fmt: skip
_STORES: Mapping[str, str] = {
    "readings": "測定値(集計済みの分)", "quarantine": "隔離中のメッセージ・測定値", "correction": "訂正",
    "plan_version": "計画の版", "plan_snapshot": "確定した実績", "work_entry": "作業記録", "outage": "停止",
    "asset": "資産の台帳", "report": "提出版の報告書",
}  # fmt: skip
_CONTRACTS: Mapping[str, str] = {
    "line": "SIM・回線の契約(番号・契約者・期限・名義変更)", "server": "ネットワークサーバー・クラウドの契約と管理者",
    "licence": "無線局の免許・登録・届出(番号・名義・期限)",
}  # fmt: skip
_HANDED: Mapping[str, str] = {
    "equipment": "機器・基地局の現物", "credentials": "鍵・パスワードの作り直し", "contracts": "契約・免許の名義変更",
    "access": "利用者とトークンの棚卸し", "data": "データ一式と復元の確認", "papers": "計画・報告書・写真・図面",
    "backup": "バックアップの場所と最後の取得日",
}  # fmt: skip
_SIDES: Mapping[str, str] = {
    "from": "引渡し(会社・氏名・日付)", "to": "引受け(会社・氏名・日付)", "remarks": "備考",
}  # fmt: skip
_SIGNERS: Mapping[str, str] = {
    "from": "引渡し側(会社名・役職・氏名・日付・署名)", "to": "引受け側(会社名・役職・氏名・日付・署名)",
    "owner": "発注者の立会い(部署・氏名・日付・署名)",
}  # fmt: skip


def _proof(asked: Asked, name: str, rows: int) -> Evidence:
    return evidence_of(asked, name, f"figure_takeover_{name}", rows, project_code=asked.project.code)


def _at(moment: datetime | None) -> datetime | None:
    return None if moment is None else to_jst(moment)


def _technology(kind: str) -> str:
    return NetworkKind(kind).label.ja


def _networks(asked: Asked) -> list[TakeoverNetwork]:
    return keep(asked, "takeover_networks", partial(takeover_networks, asked.connection, asked.project.code))


def read_devices(asked: Asked) -> TableRead:
    """Every device of the registry, with its identities and how it comes to the broker."""
    devices = takeover_devices(asked.connection, asked.project.code)
    proof = _proof(asked, "device", len(devices))
    rows = tuple(RowRead(each.device, _device_cells(each, proof)) for each in devices)
    return TableRead(rows, None, (proof,), (_NOW,))


def _device_cells(device: TakeoverDevice, proof: Evidence) -> dict[str, Cell]:
    names = ("model", "serial", "profile", "installed_on", "technical_conformity", "verification_until")
    own = {"device": device.device, "device_name": device.device_name, "network": device.network,
           "network_name": device.network_name, "technology": _technology(device.technology),
           "account": _ACCOUNTS[device.account], "state": "使用" if device.enabled else "台帳で停止",
           "published": "公開" if device.published else None, "identity": _identity(device)}  # fmt: skip
    cells = {name: Cell(value=text) for name, text in own.items()}
    cells |= {name: figure_cell(getattr(device, name), proof, _NOT_SAID) for name in names if name != "profile"}
    return cells | {
        "profile": Cell(value=device.profile), "gateway": figure_cell(device.gateway, proof, _NO_GATEWAY),
        "interval_min": figure_cell(device.interval_s / 60, proof), "keys": missing_cell(_NO_KEYS),
        "last_received_at": figure_cell(_at(device.last_received_at), proof, _NO_DATA),
    }  # fmt: skip


def _identity(device: TakeoverDevice) -> str:
    """The names by which messages of the device are known; none of them is a secret."""
    named = (("DevEUI", device.dev_eui), ("TTS", device.things_stack_id), ("Sparkplug", device.sparkplug_id),
             ("client", device.client_id))  # fmt: skip
    return " ".join(f"{name}={text}" for name, text in named if text) or device.device


def read_networks(asked: Asked) -> TableRead:
    """Every network, with how it is connected."""
    networks = _networks(asked)
    proof = _proof(asked, "network", len(networks))
    rows = tuple(
        RowRead(each.network, {
            "network": Cell(value=each.network), "network_name": Cell(value=each.network_name),
            "technology": Cell(value=_technology(each.technology)), "through": Cell(value=each.through),
            "gateways": figure_cell(each.gateways, proof), "devices": figure_cell(each.devices, proof),
            "last_received_at": figure_cell(_at(each.last_received_at), proof, _NO_DATA),
        })
        for each in networks
    )  # fmt: skip
    return TableRead(rows, None, (proof,))


def read_contracts(asked: Asked) -> WrittenRead:
    """A row for each network, a column for each contract: the registry has no field for them."""
    return WrittenRead(tuple(
        _grid_cell(asked, "contracts", (each.network, each.network_name), column) for each in _networks(asked)
        for column in _CONTRACTS.items()
    ))  # fmt: skip


def read_handed(asked: Asked) -> WrittenRead:
    """A row for each thing that is handed over, with a column for either company."""
    return WrittenRead(tuple(
        _grid_cell(asked, "handed", row, column) for row in _HANDED.items() for column in _SIDES.items()
    ))  # fmt: skip


def read_signers(asked: Asked) -> WrittenRead:
    """Where both companies and the town sign."""
    return WrittenRead(tuple(cell_of(asked, f"signers.{code}", label) for code, label in _SIGNERS.items()))


def _grid_cell(asked: Asked, topic: str, row: tuple[str, str], column: tuple[str, str]) -> WrittenCell:
    cell = cell_of(asked, f"{topic}.{row[0]}.{column[0]}", f"{row[1]}: {column[1]}")
    return cell.model_copy(update={"row": row[1], "column": column[1]})


def read_open_outages(asked: Asked) -> TableRead:
    """The outages that last at the end of the day."""
    days = (asked.first_day, asked.until_day)
    every: list[ReportOutage] = report_outages(asked.connection, asked.project.code, *days, asked.now)
    lasting = [each for each in every if each.ends is None]
    proof = evidence_of(
        asked, "open_outages", "figure_report_outage", len(every), project_code=asked.project.code,
        first_day=days[0], until_day=days[1], now_=asked.now,
    )  # fmt: skip
    return TableRead(tuple(outage_row(each, proof) for each in lasting), None, (proof,))


def read_stages(asked: Asked) -> TableRead:
    """The stages of levels that hold now: whoever takes over is told by them."""
    stages = takeover_stages(asked.connection, asked.project.code, asked.now)
    proof = evidence_of(asked, "stages", "figure_stage", len(stages), project=asked.project.code)
    rows = tuple(
        RowRead(f"{each.device}.{each.quantity}.{each.channel}.{each.rank}", {
            "device": Cell(value=each.device), "title": Cell(value=each.title), "quantity": Cell(value=each.label_ja),
            "rank": figure_cell(each.rank, proof), "name": Cell(value=each.name),
            "level_m": figure_cell(each.level_m, proof),
            "official": Cell(value="公的な基準" if each.official else "運用者の基準"),
            "datum": figure_cell(each.datum, proof, _NOT_SAID), "source": figure_cell(each.source, proof, _NOT_SAID),
        })
        for each in stages
    )  # fmt: skip
    return TableRead(rows, None, (proof,))


def read_access(asked: Asked) -> TableRead:
    """How many people may come in, by role and reach."""
    found = takeover_access(asked.connection, asked.project.code)
    proof = _proof(asked, "access", len(found or ()))
    rows = tuple(
        RowRead(f"{each.reach}.{each.role}", {
            "reach": Cell(value=_REACHES[each.reach]), "role": Cell(value=Role(each.role).label.ja),
            "people": figure_cell(each.people, proof), "second_factor": figure_cell(each.second_factor, proof),
        })
        for each in found or ()
    )  # fmt: skip
    return TableRead(rows, None, (proof,), _unreadable(found))


def _unreadable(found: object) -> tuple[Said, ...]:
    return (said(_MAY_NOT),) if found is None else ()


def read_tokens(asked: Asked) -> TableRead:
    """The tokens by name; what they are for, and until when. The secret itself is kept nowhere."""
    found = takeover_tokens(asked.connection, asked.project.code)
    proof = _proof(asked, "token", len(found or ()))
    rows = tuple(
        RowRead(f"{number}", {
            "name": Cell(value=each.name), "made_by": Cell(value=each.made_by),
            "scopes": Cell(value="、".join(Scope(scope).label.ja for scope in each.scopes)),
            "created_at": figure_cell(to_jst(each.created_at), proof),
            "expires_at": figure_cell(to_jst(each.expires_at), proof),
            "last_used_at": figure_cell(_at(each.last_used_at), proof, _NOT_USED),
            "state": Cell(value=_token_state(each, asked.now)),
        })
        for number, each in enumerate(found or (), start=1)
    )  # fmt: skip
    return TableRead(rows, None, (proof,), _unreadable(found))


def _token_state(token: TakeoverToken, now: datetime) -> str:
    if token.expires_at <= now:
        return "期限切れ"
    return "作成者が停止" if token.maker_disabled else "有効"


def read_stores(asked: Asked) -> TableRead:
    """What the database holds of the project."""
    stores = takeover_stores(asked.connection, asked.project.code)
    proof = _proof(asked, "store", len(stores))
    rows = tuple(
        RowRead(each.what, {
            "what": Cell(value=_STORES[each.what]), "rows": figure_cell(each.rows, proof),
            "first_day": figure_cell(each.first_day, proof, _NONE),
            "last_day": figure_cell(each.last_day, proof, _NONE),
        })
        for each in stores
    )  # fmt: skip
    return TableRead(rows, None, (proof,))


def read_state(asked: Asked) -> FieldsRead:
    """The plan that holds, the last hand-over that was written, and what nobody noted."""
    found = takeover_export(asked.connection, asked.project.code)
    proof = _proof(asked, "export", len(found or ()))
    last = next(iter(found or ()), None)
    why = _MAY_NOT if found is None else _NO_EXPORT
    values: dict[str, Value | None] = dict.fromkeys(_EXPORT)
    if last is not None:
        values = {
            "export_at": to_jst(last.at), "export_to": last.to, "export_by": last.actor, "export_rows": last.rows,
            "export_span": f"{last.from_day or '最初'} 〜 {last.to_day or '最後'}",
        }  # fmt: skip
    cells = {name: figure_cell(value, proof, why) for name, value in values.items()}
    plan: dict[str, Value | None] = dict.fromkeys(_PLAN)
    if asked.plan is not None:
        document = asked.plan.document
        entered = to_jst(asked.plan.entered_at)
        plan = {"plan_title": document.title, "plan_entered_at": entered, "plan_ends": document.ends}
    cells |= {name: figure_cell(value, None, NO_PLAN) for name, value in plan.items()}
    return FieldsRead(cells | {"backup_at": missing_cell(_NO_BACKUP)}, (proof,))


_PLAN = {"plan_title": "計画の名称", "plan_entered_at": "計画の登録日時", "plan_ends": "計画の終わり"}
_EXPORT = {
    "export_at": "最後のデータ一式の書き出し", "export_to": "書き出し先", "export_by": "書き出した人",
    "export_rows": "書き出した行数", "export_span": "書き出した期間",
}  # fmt: skip


def _table(name: str, read: Callable[[Asked], TableRead], offers: Mapping[str, str]) -> Source:
    return Source(name, "table", read, offers)


TAKEOVER: tuple[Source, ...] = (
    _table("takeover_devices", read_devices, {
        "device": "機器コード", "device_name": "機器名", "network": "通信網コード", "network_name": "通信網",
        "technology": "通信方式", "gateway": "基地局", "model": "型式", "serial": "製造番号", "profile": "変換表",
        "identity": "識別子", "account": "ブローカーでの名乗り方", "keys": "鍵・パスワード",
        "interval_min": "送信間隔(分)", "state": "状態", "published": "公開", "installed_on": "設置日",
        "technical_conformity": "技適番号", "verification_until": "検定の有効期限", "last_received_at": "最後の受信",
    }),
    _table("takeover_networks", read_networks, {
        "network": "通信網コード", "network_name": "通信網", "technology": "通信方式", "through": "接続の仕方",
        "gateways": "基地局数", "devices": "機器数", "last_received_at": "最後の受信",
    }),
    _table("open_outages", read_open_outages, OUTAGE_OFFERED),
    _table("stages", read_stages, {
        "device": "機器コード", "title": "地点", "quantity": "項目", "rank": "段階", "name": "名称",
        "level_m": "水位(m)", "official": "性格", "datum": "高さの基準", "source": "出典",
    }),
    _table("takeover_access", read_access, {
        "reach": "及ぶ範囲", "role": "役割", "people": "人数", "second_factor": "うち二段階・外部認証",
    }),
    _table("takeover_tokens", read_tokens, {
        "name": "名前", "made_by": "作った人", "scopes": "用途", "created_at": "作成", "expires_at": "期限",
        "last_used_at": "最後の使用", "state": "状態",
    }),
    _table("takeover_stores", read_stores, {
        "what": "記録", "rows": "件数", "first_day": "最初の日", "last_day": "最後の日",
    }),
    Source("takeover_state", "fields", read_state, {**_PLAN, **_EXPORT, "backup_at": "最後のバックアップ"}),
    Source("takeover_contracts", "written", read_contracts),
    Source("takeover_handed", "written", read_handed),
    Source("takeover_signers", "written", read_signers),
)  # fmt: skip
