"""Finds and reads the text of a scenario."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from sim.scenario.close import closest
from sim.scenario.errors import Problem, ScenarioError

__all__ = ["Source", "as_source", "looks_like_text", "read", "shipped", "shipped_folder"]

MAX_BYTES: Final = 1_000_000
TEXT: Final = "<text>"
CLAIMS: Final = "claims"  # folder of the shipped scenarios that test a claim
_FOLDERS: Final = ("_scenarios", "../scenarios")  # in a wheel, in a checkout; from sim/
_STATEMENT: Final = re.compile(r"\s*[\w.\"'-]+\s*=|\s*\[|\s*#")


@dataclass(frozen=True, slots=True)
class Source:
    """A text and where it is from. Lines end in a line feed."""

    name: str
    text: str
    path: Path | None = None


def as_source(text: str) -> Source:
    """A text that is in no file.

    Raises:
        ScenarioError: if it is too long or holds half a character.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        _refuse(TEXT, "holds half a character (a lone surrogate)", "Remove it.", line=line)
    if size > MAX_BYTES:
        _too_long(TEXT, size)
    return Source(TEXT, text.removeprefix("\ufeff").replace("\r\n", "\n"))


def looks_like_text(source: str) -> bool:
    """Whether this is TOML rather than the name of a file."""
    return "\n" in source or (_STATEMENT.match(source) is not None and source[-5:] != ".toml")


def read(path: str | Path) -> Source:
    """The file's text; a bare name that is no file stands for a shipped scenario.

    Raises:
        ScenarioError: if it cannot be read or is no text, with what to do.
    """
    name = str(path)
    try:
        found = _find(name)
        size = found.stat().st_size
        if size > MAX_BYTES:
            _too_long(name, size)
        return Source(name, _decoded(name, found.read_bytes()), found)
    except (OSError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        _refuse(name, f"cannot be read: {reason}", "Check the name and the permissions.")


def shipped_folder() -> Path:
    """The folder of the scenarios that come with the package."""
    package = Path(__file__).resolve().parent.parent
    folders = [(package / name).resolve() for name in _FOLDERS]
    return next((folder for folder in folders if folder.is_dir()), folders[-1])


def shipped() -> dict[str, Path]:
    """The scenarios that come with the package, by name; those that test a claim are last."""
    folders = (shipped_folder(), shipped_folder() / CLAIMS)
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def _find(name: str) -> Path:
    path = Path(name)
    if path.is_file():
        return path
    if name in shipped():
        return shipped()[name]
    if path.is_dir():
        _refuse(name, "is a folder", _toml_files(path))
    if path.exists():
        _refuse(name, "is not an ordinary file", "Save the scenario as a .toml file.")
    _missing(name, path)


def _toml_files(folder: Path) -> str:
    names = sorted(path.name for path in folder.glob("*.toml"))
    return f"Name a file in it: {', '.join(names[:8])}." if names else "Name a .toml file."


def _missing(name: str, path: Path) -> NoReturn:
    nearby = {near.name: str(near) for near in path.parent.glob("*.toml")}
    beside = closest(path.name, nearby)
    close = closest(path.stem, shipped()) or (nearby[beside] if beside else None)
    _refuse(name, "there is no such file or shipped scenario", _listed(), close)


def _listed() -> str:
    """The shipped scenarios in words."""
    claims = [name for name, path in shipped().items() if path.parent.name == CLAIMS]
    others = [name for name in shipped() if name not in claims]
    told = f" They test claims: {', '.join(claims)}." if claims else ""
    return f"Shipped scenarios: {', '.join(others)}.{told}"


def _decoded(name: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        _refuse(name, "is saved as UTF-16", "Save it as UTF-8.", line=1)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        shown = f"byte 0x{data[error.start]:02x}"
        _refuse(name, f"is not UTF-8 ({shown})", "Save it as UTF-8 text.", line=line)


def _too_long(name: str, size: int) -> NoReturn:
    message = f"is too long for a scenario ({size / 1e6:,.1f} MB; at most 1 MB)"
    _refuse(name, message, "Give follows in a file of their own, named by world.file.")


def _refuse(
    name: str, message: str, fix: str, close: str | None = None, line: int | None = None
) -> NoReturn:
    raise ScenarioError([Problem(name, line, "", message, suggestion=close, fix=fix)])
