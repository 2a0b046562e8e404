"""The page of a replay: template, style, script and data put together into one file.

Whatever a scenario's author wrote (title, labels, names) goes in as data, and the script shows it
as text, never as HTML. The page's own policy lets the browser run this script and no other, and
load nothing.
"""

import base64
import hashlib
import json
import re
from html import escape
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any, Final

from sim import files
from sim.plots import lives
from sim.replay.data import recording
from sim.results import Results

__all__ = ["NAME", "page", "write"]

NAME: Final = "replay.html"


def write(results: Results, folder: str | Path) -> Path:
    """Write ``replay.html`` into ``folder`` and return its path; the file is written whole.

    Raises ResultsError if there is no finished run to replay.
    """
    path = Path(folder) / NAME
    files.new_text(path, page(results))
    return path


def page(results: Results) -> str:
    """Return the replay as text."""
    style, script = _part("replay.css"), _part("replay.js")
    parts = {
        "title": escape(results.title),
        "policy": f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}",
        "style": style,
        "script": script,
        "ends": escape(lives.alt(results)),
        "data": _data(recording(results)),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _part("replay.html"))


def _part(name: str) -> str:
    return (package_files("sim.replay") / name).read_text(encoding="utf-8")


def _data(content: dict[str, Any]) -> str:
    """JSON that cannot end the element that it stands in."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
