"""python -m benchmarks [PART ...] [--accounts N] [--quick] [--large] [--render].

Without parts, all of them. What was measured goes to latest.json, from which the tables of
README.md and the figures are made. `compare OLD NEW` sets two commits side by side (a dot
stands for the files as they are).
"""

import argparse
import json
import os
import platform
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import render, worlds
from benchmarks.measure import ROOT, apart

SMALLEST, LARGE = 10_000, 10_000_000
Plan = dict[str, Callable[[], Any]]


def plan(accounts: int, quick: bool, large: bool) -> Plan:
    """Return what each part does, in order; sizes are what --quick makes small."""
    short = 1 if quick else 2
    return {
        "limits": lambda: apart("limits"),
        "growth": lambda: [
            apart("growth", accounts=n, days=1 if n >= LARGE else short, keep=n < LARGE)
            for n in sizes(accounts, large)
        ],
        "feed": lambda: [
            apart("feed", accounts=n, repeats=3 if quick else 9)
            for n in dict.fromkeys((min(accounts, 10 * SMALLEST), accounts))
        ],
        "counts": lambda: apart("counts", accounts=min(accounts, 10 * SMALLEST)),
        "tick": lambda: [apart("tick", accounts=accounts, days=short, threads=n) for n in (1, 2)],
        "year": lambda: apart("year", accounts=accounts // 50, days=3 if quick else 361),
        "small": lambda: apart(
            "small", accounts=min(2_000, accounts), days=20 if quick else 90, repeats=3
        ),
        "follows": lambda: apart("follows", accounts=accounts, each=5, repeats=3),
        "startup": lambda: apart("startup", repeats=2 if quick else 5, compile=not quick),
        "sweep": lambda: apart(
            "sweep",
            runs=80 if quick else 1_000,
            accounts=1_000,
            days=20 if quick else 90,
            workers=2,
            rounds=2 if quick else 5,
        ),
        "messages": lambda: apart("messages", accounts=accounts, shard_counts=[16, 64, 256]),
    }


def sizes(accounts: int, large: bool) -> list[int]:
    """Return the sizes of worlds, tenfold each, up to the size asked for; 10 M on request."""
    found = [n for n in (SMALLEST, 10 * SMALLEST) if n < accounts]
    return [*found, accounts, *([LARGE] if large and accounts < LARGE else [])]


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    import numba
    import numpy as np

    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "commit": commit.stdout.strip(),
        "sources": worlds.fingerprint(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "load": os.getloadavg()[0],
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def run(parts: Plan, chosen: list[str], out: Path) -> None:
    """Measure the chosen parts, say what is going on, and write down each when it is done."""
    known = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    for name in chosen:
        print(f"{name} ...", end=" ", flush=True)
        began = perf_counter()
        known[name] = {"machine": machine(), "found": parts[name]()}
        out.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        print(f"{perf_counter() - began:.0f} s", flush=True)


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    parts, chosen = plan(options.accounts, options.quick, options.large), options.parts
    if chosen[:1] == ["compare"]:
        old, new = chosen[1:] or ("HEAD", ".")
        accounts = min(options.accounts, 20_000)
        parts["compare"] = lambda: apart(
            "compare", old=old, new=new, accounts=accounts, pairs=options.pairs
        )
        chosen = ["compare"]
    unknown = set(chosen) - set(parts)
    if unknown:
        raise SystemExit(f"no part {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    if not options.render:
        run(parts, [name for name in parts if name in (chosen or parts)], options.out)
    if options.out == render.LATEST:
        render.everything()
        print("README.md and figures/ are made from latest.json.")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help="parts to measure, or: compare OLD NEW")
    parser.add_argument("--accounts", type=int, default=worlds.FULL)
    parser.add_argument("--quick", action="store_true", help="few repeats and days")
    parser.add_argument("--large", action="store_true", help="10 M accounts too (10 GB, minutes)")
    parser.add_argument("--pairs", type=int, default=8, help="of runs, to compare commits")
    parser.add_argument("--render", action="store_true", help="make tables and figures only")
    parser.add_argument("--out", type=Path, default=render.LATEST, help="where JSON goes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
