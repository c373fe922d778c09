"""The documents of the watch of the invented valley: what is watched, who is told of it, who is on duty."""

from ingest.simulator.town import FARM, NEIGHBOUR_PROJECT, SAFETY, Kind, Town

_HEAD = """\
# デモの監視計画: 架空の町の値です。台帳の基準水位は、ここに書かなくても監視します。
project: {project}
people:
- {{code: suzuki, name: 鈴木 一郎, department: 防災課, login: unyo, language: ja}}
- {{code: sato, name: 佐藤 恵, department: 農政課, login: hokoku, language: ja}}
- {{code: watanabe, name: 渡辺 誠, department: 防災課, login: tonari, language: ja}}
duty:
  backup: {backup}
  weekly:
  - {{days: [mon, tue, wed, thu, fri, sat, sun], from: "06:00", to: "18:00", person: {duty}}}
  - {{days: [mon, tue, wed, thu, fri, sat, sun], from: "18:00", to: "06:00", person: {duty}}}
"""
_RIVER = """\
- code: river-rise
  hazard: river
  devices: [{devices}]
  quantity: river_level
  measure: {{kind: rise, hours: 1}}
  hysteresis: 0.02
  stages:
  - {{rank: 1, name: 市設定上昇1(1時間に10 cm), name_en: City rise 1 (10 cm in an hour), value: 0.1}}
  - {{rank: 2, name: 市設定上昇2(1時間に50 cm), name_en: City rise 2 (50 cm in an hour), value: 0.5}}
"""
_RAIN = """\
- code: rain-hour
  hazard: rain
  devices: [{devices}]
  measure: {{kind: rain_1h}}
  stages:
  - {{rank: 1, name: 市設定雨量1(1時間 1 mm), name_en: City rain 1 (1 mm in an hour), value: 1.0}}
  - {{rank: 2, name: 市設定雨量2(1時間 20 mm), name_en: City rain 2 (20 mm in an hour), value: 20.0}}
"""
_TRAP = """\
- code: trap
  hazard: trap
  devices: [{devices}]
  quantity: trap_state
  measure: {{kind: state}}
  stages:
  - {{rank: 1, name: わな作動, name_en: trap sprung, value: 1}}
"""
_FROST = """\
- code: frost
  hazard: frost
  devices: [{devices}]
  quantity: air_temperature
  measure: {{kind: value}}
  direction: below
  hysteresis: 0.5
  stages:
  - {{rank: 1, name: 市設定低温1(3 ℃), name_en: City cold 1 (3 °C), value: 3.0}}
"""
_RULES = {
    SAFETY: ((Kind.RIVER, _RIVER), (Kind.RAIN, _RAIN)),
    FARM: ((Kind.TRAP, _TRAP), (Kind.GREENHOUSE, _FROST)),
    NEIGHBOUR_PROJECT: (),
}


def watch_documents(town: Town) -> list[str]:
    """The document of each project that has devices, in YAML. No message of it needs the internet: MQTT says it."""
    found = []
    for project, kinds in _RULES.items():
        rules = ""
        for kind, text in kinds:
            devices = [site.code for site in town.sites if site.kind is kind and site.project == project]
            rules += text.format(devices=", ".join(devices)) if devices else ""
        if any(site.project == project for site in town.sites):
            duty, backup = ("watanabe", "suzuki") if project == NEIGHBOUR_PROJECT else ("suzuki", "sato")
            head = _HEAD.format(project=project, duty=duty, backup=backup)
            found.append(head + (f"rules:\n{rules}" if rules else ""))
    return found
