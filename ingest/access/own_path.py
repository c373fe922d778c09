"""Where a browser is led after signing in: a path of our own pages, whatever a link says."""

LONGEST = 2_000


def own_path(path: str) -> str:
    r"""This path (with its query), or `/` where a browser could read it as somebody else's address.

    `//host` and `/\host` are other hosts, and browsers drop tabs and line ends before they look.
    """
    fits = path.startswith("/") and not path.startswith("//") and len(path) <= LONGEST
    return path if fits and "\\" not in path and all("!" <= sign <= "~" for sign in path) else "/"
