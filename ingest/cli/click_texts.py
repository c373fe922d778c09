"""The sentences of click in Japanese, by its English ones."""

from collections.abc import Mapping
from importlib import import_module

from schemas.bilingual import spoken

MODULES = ("core", "decorators", "exceptions", "formatting", "parser", "types")
"""The modules of click whose sentences a command can show. No command prompts or opens an editor."""

JAPANESE: Mapping[str, str] = {
    "Aborted!": "中止しました。",
    "deprecated": "廃止予定",
    "Missing command.": "命令を書いてください。",
    "required": "必須",
    "Options": "オプション",
    "Positional arguments": "引数",
    "Commands": "命令",
    "Got unexpected extra argument ({args})": "余分な引数があります({args})",
    "Got unexpected extra arguments ({args})": "余分な引数があります({args})",
    "Value must be an iterable.": "値をいくつか書いてください。",
    "env var: {var}": "環境変数: {var}",
    "default: {default}": "既定: {default}",
    "(dynamic)": "(場合による)",
    "Takes {nargs} values but 1 was given.": "{nargs} 個の値が要りますが、1 個しかありません。",
    "Takes {nargs} values but {len} were given.": "{nargs} 個の値が要りますが、{len} 個あります。",
    "%(prog)s, version %(version)s": "%(prog)s %(version)s 版",
    "Show the version and exit.": "版を示して終わります。",
    "Show this message and exit.": "この説明を示して終わります。",
    "Did you mean {possibility}?": "{possibility} ではありませんか。",
    "(Did you mean one of: {possibilities}?)": "({possibilities} のどれかではありませんか。)",
    "Missing argument": "引数がありません",
    "Missing option": "オプションがありません",
    "Missing parameter": "指定がありません",
    "Missing parameter: {param_name}": "指定がありません: {param_name}",
    "Missing {param_type}": "{param_type} がありません",
    "unknown error": "原因不明の誤り",
    "Invalid value for {param_hint}: {message}": "{param_hint} の値が使えません: {message}",
    "Invalid value: {message}": "値が使えません: {message}",
    "Could not open file {filename!r}: {message}": "ファイル {filename!r} を開けません: {message}",
    "Error: {message}": "誤り: {message}",
    "Try '{command} {option}' for help.": "使い方は '{command} {option}' で示します。",
    "No such option {name!r}.": "オプション {name!r} はありません。",
    "No such command {name!r}.": "命令 {name!r} はありません。",
    "Usage:": "使い方:",
    "Invalid start character for option ({option})": "オプションの書き出しが違います({option})",
    "Option {name!r} does not take a value.": "オプション {name!r} に値は書けません。",
    "Option {name!r} requires an argument.": "オプション {name!r} に値を書いてください。",
    "Option {name!r} requires {nargs} arguments.": "オプション {name!r} に {nargs} 個の値を書いてください。",
    "Argument {name!r} takes {nargs} values.": "引数 {name!r} には {nargs} 個の値が要ります。",
    "file": "ファイル",
    "directory": "ディレクトリ",
    "path": "パス",
    "Choose from:\n\t{choices}": "次から選んでください:\n\t{choices}",
    "{value!r} is not {choice}.": "{value!r} ではなく {choice} と書いてください。",
    "{value!r} is not one of {choices}.": "{value!r} は使えません。{choices} のどれかを書いてください。",
    "Choice({choices})": "選択({choices})",
    "{value!r} does not match the format {format}.": "{value!r} は {format} の形ではありません。",
    "{value!r} does not match the formats {formats}.": "{value!r} は {formats} のどの形でもありません。",
    "{value} is not in the range {range}.": "{value} は範囲 {range} の外です。",
    "{value!r} is not a valid boolean. Recognized values: {states}":
        "{value!r} は真偽として読めません。使えるもの: {states}",
    "{len_type} values are required, but {len_value} was given.":
        "{len_type} 個の値が要りますが、{len_value} 個しかありません。",
    "{len_type} values are required, but {len_value} were given.":
        "{len_type} 個の値が要りますが、{len_value} 個あります。",
    "{value!r} is not a valid {number_type}.": "{value!r} は数値({number_type})として読めません。",
    "{value!r} is not a valid UUID.": "{value!r} は UUID ではありません。",
    "{name} {filename!r} is a file.": "{name} {filename!r} はファイルです。",
    "{name} {filename!r} is a directory.": "{name} {filename!r} はディレクトリです。",
    "{name} {filename!r} is not readable.": "{name} {filename!r} を読む権限がありません。",
    "{name} {filename!r} is not writable.": "{name} {filename!r} に書く権限がありません。",
    "{name} {filename!r} is not executable.": "{name} {filename!r} を実行する権限がありません。",
    "{name} {filename!r} does not exist.": "{name} {filename!r} がありません。",
}  # fmt: skip


def translate_click() -> None:
    """Replace the functions by which click translates its sentences."""
    for name in MODULES:
        module = import_module(f"click.{name}")
        for asked, answer in (("_", _one), ("ngettext", _number)):
            if hasattr(module, asked):
                setattr(module, asked, answer)


def _one(english: str) -> str:
    return JAPANESE.get(english, english) if spoken() == "ja" else english


def _number(one: str, several: str, number: int) -> str:
    return _one(one if number == 1 else several)
