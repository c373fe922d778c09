"""Answers of signing in: who came in, or why not. One sentence for all wrong guesses, so that none tells a name."""

from dataclasses import dataclass

from schemas.labelled import Labelled


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. `secret`: the value of the cookie, shown once; the database has its digest."""

    secret: str
    person_id: int
    login: str


@dataclass(frozen=True, slots=True)
class OpenIdBegun:
    """What is begun at an OpenID provider. `address`: where to lead the browser.

    `cookie`: a secret that the browser must bring back with the answer, in a cookie (HttpOnly, SameSite=Lax, for
    `lives_s` seconds). Without it anybody could have a stranger's browser signed in as themselves (login CSRF).
    """

    address: str
    cookie: str
    lives_s: int


@dataclass(frozen=True, slots=True)
class OpenIdAnswer:
    """What a browser brings back: the parameters `state`, `code`, `error`, `iss`, and our cookie. Empty: not there."""

    state: str
    cookie: str
    code: str = ""
    error: str = ""
    issuer: str = ""


class Refusal(Labelled):
    """Why somebody was not let in."""

    WRONG = (
        "wrong",
        "サインインできませんでした。ログイン名とパスワードを確かめてください",
        "You were not signed in: check the login and the password",
    )
    """Unknown login, wrong password, disabled, wrong code: which of them is not told."""
    WAIT = (
        "wait",
        "間違いが続いたため、しばらく待ってからもう一度お試しください",
        "Too many wrong attempts: wait a while, then try again",
    )
    """Too many wrong guesses just now."""
    CODE_NEEDED = "code_needed", "確認コードを入れてください", "Enter the code of your authenticator"
    """The password was right; the code of the second factor is missing."""
    LINK_OVER = (
        "link_over",
        "このリンクは使用済みか、期限が切れています。管理者に新しいリンクを頼んでください",
        "This link was used already, or is too old: ask an administrator for a new one",
    )
    """A link that was used, is too old, or never was."""
    WEAK = (
        "weak",
        "このパスワードは短すぎるか、よく使われているものです。もっと長いものにしてください",
        "This password is too short or too common: choose a longer one",
    )
    """A new password that is too short, or on the list of common ones."""
    PROVIDER = (
        "provider",
        "認証サービスの答えを確かめられませんでした。もう一度お試しください",
        "The answer of the sign-in service could not be verified: try again",
    )
    """The OpenID provider refused, or what it answered cannot be believed."""
    NOT_ADMITTED = (
        "not_admitted",
        "本人であることは確かめられましたが、このシステムには入れません。管理者に連絡してください",
        "The sign-in service knows you, but you cannot be let in here: ask an administrator",
    )
    """The OpenID provider vouches for them, and they are not let in here: disabled, or their login is somebody's."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Not let in. `retry_after_s`: with WAIT, when to try again."""

    why: Refusal
    retry_after_s: int = 0
