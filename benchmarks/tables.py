"""What was measured, as Markdown tables."""

from collections.abc import Callable, Iterable
from math import isnan
from typing import Any

from benchmarks.messages import BYTES, WHAT

Found = dict[str, Any]
NOT_YET = "*(not measured yet)*"
YEAR = 365
MACHINE_ACCOUNTS = 16_000_000  # of a machine of the plan: 19 GB of follows and accounts
NETWORK = 1.25e9  # bytes a second: ten gigabits
CORES = 16


def make(name: str, found: Found) -> str:
    """Return a table by name, or a note that its part was not measured."""
    needed, table = ALL[name]
    if any(part not in found for part in needed):
        return NOT_YET
    return table(*(found[part]["found"] for part in needed))


def _table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; columns of the head are divided by " | "."""
    columns = head.split(" | ")
    lines = [f"| {head} |", "|" + "---|" + "---:|" * (len(columns) - 1)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _ns(value: float) -> str:
    return f"{value:,.0f} ns" if value >= 10 else f"{value:.1f} ns"


def _size(count: float) -> str:
    if count >= 1e9:
        return f"{count / 1e9:g} G"
    if count >= 1e6:
        return f"{count / 1e6:g} M"
    return f"{count / 1e3:g} k"


def _seconds(value: float) -> str:
    if value < 1:
        return f"{value * 1e3:.0f} ms"
    return f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"


def _verdict(met: bool) -> str:
    return "yes" if met else "**no**"


# ---- the targets ------------------------------------------------------------------------------


def targets(feed: Any, growth: Any, ticks: Any, small: Any, follows: Any, year: Any) -> str:
    """Return what was aimed at, and what was measured."""
    browse, one, two = feed[-1], ticks[0], ticks[1]
    sizes = {world["accounts"]: world for world in growth}
    reference = sizes[one["accounts"]]
    kernel = browse["per_impression_ns"]["numba_1"]
    rows = [
        (
            "browse kernel, an impression, one thread",
            "≤ 100 ns",
            f"{_ns(kernel['min'])} ({_ns(kernel['median'])} typical)",
            kernel["min"] <= 100,
        ),
        (
            "whole tick, an impression, one thread",
            "≤ 100 ns",
            _ns(one["per_impression_ns"]),
            one["per_impression_ns"] <= 100,
        ),
        *_against_c(browse),
        (
            "two threads, browse kernel, by the clock",
            "≥ 1.8 × one",
            f"{browse['two_threads']['wall']:.2f} × "
            f"({browse['two_threads']['work']:.2f} × by CPU time)",
            browse["two_threads"]["wall"] >= 1.8,
        ),
        (
            f"a year of {_size(one['accounts'])} accounts, two threads (from {two['days']} days)",
            "< 150 s",
            f"{_seconds(two['year_wall_s'])} by the clock; one thread "
            f"{_seconds(one['year_cpu_s'])} of CPU",  # as if all days were like the first
            two["year_wall_s"] < 150,
        ),
        (
            "bytes of a follow, all slack counted",
            "≤ 18",
            f"{reference['bytes_per_follow']:.1f}; {year['bytes_per_follow']:.1f} after a year "
            f"({_size(year['accounts'])} accounts)",
            max(reference["bytes_per_follow"], year["bytes_per_follow"]) <= 18,
        ),
        (
            "bytes of an account",
            "≤ 256",
            f"{reference['bytes_per_account']:.0f}",
            reference["bytes_per_account"] <= 256,
        ),
        *_largest(growth),
        *_built(growth),
        (
            f"a small world ({small['accounts']:,} accounts) with strategies, recorded",
            "≥ 400 ticks/s",
            f"{small['ticks_per_s']:.0f} ticks/s",
            small["ticks_per_s"] >= 400,
        ),
        (
            "uniform follows, one thread",
            "≥ 5 M/s",
            f"{follows['in_a_settled_world']['events_per_s'] / 1e6:.1f} M/s in a settled world, "
            f"{follows['from_nothing']['events_per_s'] / 1e6:.1f} M/s from nothing",
            follows["in_a_settled_world"]["events_per_s"] >= 5e6,
        ),
    ]
    head = "quantity | target | measured | met"
    return _table(head, ((*row[:3], _verdict(bool(row[3]))) for row in rows))


def _against_c(browse: Any) -> list[tuple[str, str, str, bool]]:
    if browse["to_c"] is None:
        return []
    ratio = browse["to_c"]["min"]
    return [("browse kernel over its C version", "≤ 1.3 ×", f"{ratio:.2f} ×", ratio <= 1.3)]


def _largest(growth: Any) -> list[tuple[str, str, str, bool]]:
    """Return how much dearer an impression is in the largest world than at 100 k."""
    sizes = {world["accounts"]: world["per_impression_ns"] for world in growth}
    if 100_000 not in sizes or max(sizes) <= 100_000:
        return []
    largest = max(sizes)
    ratio = sizes[largest] / sizes[100_000]
    what = f"whole tick, an impression at {_size(largest)} over one at 100 k"
    return [(what, "≤ 3 × (at 10 M)", f"{ratio:.2f} ×", ratio <= 3)]


def _built(growth: Any) -> list[tuple[str, str, str, bool]]:
    limits = {1_000_000: 40, 10_000_000: 480}
    return [
        (
            f"building {_size(world['accounts'])} accounts, "
            f"{_size(round(world['building']['follows'], -6))} follows",
            f"< {limits[world['accounts']]} s",
            f"{_seconds(world['building']['cpu_s'])} of CPU",
            world["building"]["cpu_s"] < limits[world["accounts"]],
        )
        for world in growth
        if world["accounts"] in limits
    ]


# ---- the parts ---------------------------------------------------------------------------------


def feed(found: Any) -> str:
    """Return the cost of an impression in each implementation of the browse kernel."""
    labels = {
        "numba_1": "numba, 1 thread",
        "c_1": "C, 1 thread",
        "numba_2": "numba, 2 threads",
        "c_2": "C, 2 threads",
    }
    head = "browse kernel, an impression | " + " | ".join(
        f"{_size(world['accounts'])} accounts" for world in found
    )
    rows = [
        [label, *(_pair(world["per_impression_ns"].get(name)) for world in found)]
        for name, label in labels.items()
    ]
    rows.append(["plain-Python twin (2 k accounts)", *(_ns(world["twin_ns"]) for world in found)])
    for name, label in (
        ("shown", "impressions of a viewer"),
        ("followees", "followees looked at for an impression"),
        ("candidates", "new posts ranked for an impression"),
    ):
        if all(name in world for world in found):
            rows.append([label, *(f"{world[name]:.1f}" for world in found)])
    rows.append(["impressions of the tick", *(f"{world['impressions']:,}" for world in found)])
    return _table(head, rows)


def _pair(times: Any) -> str:
    """Return CPU time at best and typically, and the clock's."""
    if times is None:
        return "no C compiler"
    return f"{times['min']:.0f} / {times['median']:.0f} ns (clock {times['wall_min']:.0f})"


def growth(found: Any) -> str:
    """Return time and memory by size."""
    head = (
        "accounts | follows | an impression | a day, one thread | peak memory | priced | "
        "bytes a follow | bytes an account | posts, bytes an account"
    )
    return _table(
        head,
        (
            (
                _size(world["accounts"]),
                f"{world['building']['follows'] / 1e6:.1f} M",
                _ns(world["per_impression_ns"]),
                _seconds(world["day_cpu_s"]),
                f"{world['peak_bytes'] / 1e9:.2f} GB",
                f"{world['priced_bytes'] / 1e9:.2f} GB",
                f"{world['bytes_per_follow']:.1f}",
                f"{world['bytes_per_account']:.0f}",
                f"{world['post_bytes_per_account']:.0f}",
            )
            for world in found
        ),
    )


def building(found: Any) -> str:
    """Return the time to build a world by size."""
    return _table(
        "accounts | follows | CPU | clock | a follow | peak memory",
        (
            (
                _size(world["accounts"]),
                f"{world['building']['follows'] / 1e6:.1f} M",
                _seconds(world["building"]["cpu_s"]),
                _seconds(world["building"]["wall_s"]),
                _ns(world["building"]["cpu_s"] / world["building"]["follows"] * 1e9),
                f"{world['building']['peak_bytes'] / 1e9:.2f} GB",
            )
            for world in found
        ),
    )


def tick(found: Any) -> str:
    """Return the parts of a tick, by impression shown."""
    one, two = found
    whole = one["per_impression_ns"]
    rows: list[tuple[str, ...]] = [
        (
            name,
            _ns(value),
            f"{value / whole:.0%}",
            _ns(one["phases_wall_ns"][name]),
            _ns(two["phases_wall_ns"][name]),
        )
        for name, value in one["phases_ns"].items()
    ]
    clock = (one["wall_per_impression_ns"], two["wall_per_impression_ns"])
    rows.append(("whole tick", _ns(whole), "100%", *(_ns(value) for value in clock)))
    head = "phase | CPU, 1 thread | share | clock, 1 thread | clock, 2 threads"
    return _table(head, rows)


def year(found: Any) -> str:
    """Return how the cost of a day moves over a year."""
    return _table(
        f"{_size(found['accounts'])} accounts, {found['days']} days on one thread | measured",
        (
            ("CPU", _seconds(found["cpu_s"])),
            ("clock", _seconds(found["wall_s"])),
            ("an impression", _ns(found["per_impression_ns"])),
            ("mean day over the first 20 days", f"{found['mean_to_first']:.2f} ×"),
            ("last 20 days over the first 20", f"{found['last_to_first']:.2f} ×"),
            ("follows at the end over those at the start", f"{found['follows_grew']:.2f} ×"),
            ("bytes a follow at the end", f"{found['bytes_per_follow']:.1f}"),
            ("peak memory", f"{found['peak_bytes'] / 1e9:.2f} GB"),
        ),
    )


def follows(found: Any) -> str:
    """Return the speed of uniform follows."""
    labels = {
        "from_nothing": "among people who know hardly anybody",
        "in_a_settled_world": "on top of the 50 follows of a settled world",
    }
    head = f"{_size(found['attempts'])} attempts of {_size(found['accounts'])} accounts, each time"
    return _table(
        f"{head} | an event | events a second | typically | new follows",
        (
            (
                label,
                _ns(found[name]["event_ns"]),
                f"{found[name]['events_per_s'] / 1e6:.1f} M",
                f"{found[name]['events_per_s_median'] / 1e6:.1f} M",
                f"{found[name]['made_share']:.1%}",
            )
            for name, label in labels.items()
        ),
    )


def startup(found: Any) -> str:
    """Return what there is to wait for."""
    labels = {
        "python": "Python alone",
        "import_sim": "`import sim`",
        "help": "`followlab --help`",
        "kernels_from_cache": "until the first tick, kernels compiled before",
        "compiling": "until the first tick, nothing compiled",
    }
    return _table(
        "fresh process | clock | CPU",
        (
            (label, _seconds(found[name]["wall_s"]), _seconds(found[name]["cpu_s"]))
            for name, label in labels.items()
            if name in found
        ),
    )


def counts(found: Any) -> str:
    """Return what an impression costs in instructions."""
    if found.get("missing"):
        return f"*({found['missing']} was not found)*"
    rows = {
        "instructions": "instructions",
        "mispredicted branches": "mispredicted",
        "reads that miss a first cache of 32 KB": "first_level_misses",
        "reads that miss a last cache of 32 MB": "last_level_misses",
        "posts that are ranked": "candidates",
        "followees that are looked at": "followees",
    }
    head = f"C, {_size(found['accounts'])} accounts, counted by Valgrind | an impression"
    return _table(head, ((label, f"{found[name]:,.1f}") for label, name in rows.items()))


def limits(found: Any) -> str:
    """Return what the machine can do at best."""
    sizes = list(found["gather_ns"])
    head = "one thread | " + " | ".join(sizes)
    return (
        _table(
            head,
            (
                ("8 bytes at random, independent", *(_ns(found["gather_ns"][s]) for s in sizes)),
                ("8 bytes at random, each after the last", *map(_ns, found["chain_ns"].values())),
            ),
        )
        + f"\n\nIn order it reads {found['read_gb_per_s']:.1f} GB/s; "
        f"a draw takes {found['draw_ns']:.1f} ns."
    )


def messages(found: Any) -> str:
    """Return messages and bytes of a tick by kind and number of shards."""
    shards = found["shards"]
    head = "an account and tick | bytes each | " + " | ".join(f"{n} shards" for n in shards)
    rows = [
        (
            WHAT[kind],
            str(BYTES[kind]),
            *(
                f"{one['messages_per_account'][kind]:.3g} ({one['bytes_per_account'][kind]:.3g} B)"
                for one in shards.values()
            ),
        )
        for kind in BYTES
    ]
    totals = [
        (
            f"{sum(one['messages_per_account'].values()):.3g} "
            f"({sum(one['bytes_per_account'].values()):.3g} B)"
        )
        for one in shards.values()
    ]
    rows.append(("**all**", "", *totals))
    rows.append(
        (
            "the busiest sender over the mean",
            "",
            *(f"{one['busiest_to_mean']:.2f} ×" for one in shards.values()),
        )
    )
    rows.append(
        ("sorting and checking a message", "", *(_ns(one["message_ns"]) for one in shards.values()))
    )
    grouped = found["by_community"].values()
    all_of = (sum(one["bytes_per_account"].values()) for one in grouped)
    rows.append(
        ("**all, if whole communities share a shard**", "", *(f"{b:.3g} B" for b in all_of))
    )
    rows.append(
        (
            "the busiest sender over the mean, likewise",
            "",
            *(f"{one['busiest_to_mean']:.2f} ×" for one in grouped),
        )
    )
    return _table(head, rows)


def beyond(found: Any, ticks: Any) -> str:
    """Return what a tick of larger worlds would cost, if accounts there behave like those here."""
    head = (
        "accounts | machines | shards by | sent by a machine and tick | "
        "on the network at 10 Gbit/s | the busiest machine | work on 16 cores | "
        "a year, the longer of both"
    )
    ways = {"shards": "account", "by_community": "community"}
    work = found["impressions_per_account_and_tick"] * ticks[0]["per_impression_ns"] / 1e9 / CORES
    rows = [
        _machines(accounts, label, found[way], work)
        for accounts in (100_000_000, 1_000_000_000)
        for way, label in ways.items()
    ]
    return _table(head, rows)


def _machines(accounts: int, label: str, by_shards: Any, work: float) -> tuple[str, ...]:
    """Return a row: machines of equal size, each of which is one shard on the network.

    Volumes are those measured with the least number of shards that is not smaller; ``work`` is
    in seconds an account and tick.
    """
    machines = -(-accounts // MACHINE_ACCOUNTS)
    shards = min((n for n in by_shards if int(n) >= machines), key=int)
    sent = sum(by_shards[shards]["bytes_per_account"].values()) * accounts / machines
    busiest = sent * by_shards[shards]["busiest_to_mean"] / NETWORK
    local = work * accounts / machines
    return (
        _size(accounts),
        f"{machines}",
        f"{label} (as with {shards})",
        f"{sent / 1e9:.1f} GB",
        _seconds(sent / NETWORK),
        _seconds(busiest),
        _seconds(local),
        f"{max(busiest, local) * 4 * YEAR / 3600:.1f} h",
    )


def compare(found: Any) -> str:
    """Return the last comparison of two commits."""
    ratio = found["ratio"]
    return _table(
        f"a tick of {_size(found['accounts'])} accounts, CPU | measured",
        (
            (f"`{found['old']}`", f"{found['tick_ms']['old']:.2f} ms"),
            (f"`{found['new']}`", f"{found['tick_ms']['new']:.2f} ms"),
            (
                f"ratio, 95 % interval over {found['pairs']} pairs",
                f"{ratio['mean']:.3f} ({ratio['low']:.3f} to {ratio['high']:.3f})",
            ),
            ("same state hash", "yes" if found["same_bits"] else "**no**"),
        ),
    )


def sweep(found: Any) -> str:
    """Return what a sweep costs beyond its runs."""
    bare, swept = found["bare"], found["sweep"]
    runs, workers = found["runs"], found["workers"]
    return _table(
        f"{runs:,} runs of {found['accounts']:,} accounts over {found['days']} days, "
        f"{workers} processes | bare loop | `followlab sweep`",
        (
            ("CPU, all processes", _seconds(bare["cpu_s"]), _seconds(swept["cpu_s"])),
            ("clock", _seconds(bare["clock_s"]), _seconds(swept["clock_s"])),
            ("beyond the bare loop, a run, CPU", "", _between(found["overhead_cpu_ms"])),
            (
                "beyond the bare loop, a run, clock (target: < 10 ms)",
                "",
                _between(found["overhead_clock_ms"]),
            ),
            ("caller's memory after a tenth of the runs", "", _megabytes(swept["caller_bytes"])),
            ("its growth from then on", "", _megabytes(swept["caller_growth_bytes"])),
            ("the table of runs, in memory", "", _megabytes(swept["table_bytes"])),
            ("results on the disk", "", _megabytes(swept["disk_bytes"])),
        ),
    )


def _between(found: Any) -> str:
    """Return milliseconds with their interval, where several rounds give one."""
    if isnan(found["low"]):
        return f"{found['mean']:.1f} ms"
    return f"{found['mean']:.1f} ms ({found['low']:.1f} to {found['high']:.1f})"


def _megabytes(count: float) -> str:
    return f"{count / 1e6:,.1f} MB"


ALL: dict[str, tuple[tuple[str, ...], Callable[..., str]]] = {
    "targets": (("feed", "growth", "tick", "small", "follows", "year"), targets),
    "feed": (("feed",), feed),
    "growth": (("growth",), growth),
    "building": (("growth",), building),
    "counts": (("counts",), counts),
    "tick": (("tick",), tick),
    "year": (("year",), year),
    "follows": (("follows",), follows),
    "startup": (("startup",), startup),
    "limits": (("limits",), limits),
    "sweep": (("sweep",), sweep),
    "messages": (("messages",), messages),
    "beyond": (("messages", "tick"), beyond),
    "compare": (("compare",), compare),
}
