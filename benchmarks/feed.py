"""(a) and (b): the browse kernel against C and against the plain-Python twin; 1 and 2 threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from time import process_time
from typing import Any

import numpy as np

from benchmarks import c_version, feed_call, worlds
from benchmarks.feed_call import FeedCall, Feeds
from benchmarks.measure import Sample, alternately

TWIN_ACCOUNTS = 2_000
_SOME, _EVERY = 1_000, 7  # viewers of which what they look at is counted
Browse = Callable[[FeedCall, Feeds, int, int], None]


def measure(accounts: int, repeats: int) -> dict[str, Any]:
    """Time the kernel and its C version on the same call."""
    call = feed_call.catch(worlds.living(accounts))
    feeds = {"numba": feed_call.blank(call), "c": feed_call.blank(call)}
    works: dict[str, Browse] = {"numba": feed_call.browse}
    missing = _c_is_missing()
    if not missing:
        works["c"] = c_version.browse
    with ThreadPoolExecutor(2) as pool:
        runs = {
            f"{name}_{threads}": partial(_share, pool, threads, browse, call, feeds[name])
            for name, browse in works.items()
            for threads in (1, 2)
        }
        alternately(runs, 1)
        samples = alternately(runs, repeats)
    shown = feeds["numba"].total()
    if not missing:
        assert feed_call.same(call, feeds["numba"], feeds["c"]), "C shows other impressions"
    return {
        "accounts": accounts,
        "viewers": len(call.viewers),
        "impressions": shown,
        **looked_at(call, shown / len(call.viewers)),
        "per_impression_ns": {name: sample.per(shown) for name, sample in samples.items()},
        "to_c": None if missing else _ratio(samples["numba_1"], samples["c_1"]),
        "two_threads": _speed_up(samples),
        "c_missing": missing,
        "twin_ns": _twin(),
    }


def looked_at(call: FeedCall, shown: float) -> dict[str, float]:
    """Return what a viewer looks at for one impression: followees, and posts that are new to it.

    Counted for some viewers, in plain NumPy.
    """
    lag, chosen = int(call.params["lag_hours"][0]), call.viewers[: len(call.viewers) : _EVERY]
    chosen = chosen[:_SOME]
    followees = new = 0
    for viewer in call.state.accounts[chosen]:
        first = int(viewer["start"])
        ids = call.state.follow_ids[first : first + int(viewer["follows"])].astype(np.int64)
        places = [np.arange(call.wall.start[a], call.wall.start[a + 1]) for a in ids.tolist()]
        hours = call.wall.posts["hour"][np.concatenate([np.zeros(0, np.int64), *places])]
        followees += len(ids)
        new += int(np.count_nonzero(hours.astype(np.int64) + lag > viewer["last_browse"]))
    per = len(chosen) * shown
    return {"followees": followees / per, "candidates": new / per, "shown": shown}


def _c_is_missing() -> str:
    """Return why there is no C version, or nothing."""
    try:
        c_version.library()
    except (RuntimeError, OSError) as error:
        return str(error)
    return ""


def _share(
    pool: ThreadPoolExecutor, threads: int, browse: Browse, call: FeedCall, feeds: Feeds
) -> None:
    """Let threads share the viewers, in four pieces a thread, as the model does."""
    if threads == 1:
        browse(call, feeds, 0, len(call.viewers))
        return
    cuts = np.linspace(0, len(call.viewers), 4 * threads + 1).astype(int).tolist()
    for done in [pool.submit(browse, call, feeds, a, b) for a, b in pairwise(cuts)]:
        done.result()


def _ratio(one: Sample, other: Sample) -> dict[str, float]:
    """Return the ratio of CPU times, of the minima and of the medians."""
    return {
        "min": min(one.cpu) / min(other.cpu),
        "median": float(np.median(np.divide(one.cpu, other.cpu))),
    }


def _speed_up(samples: dict[str, Sample]) -> dict[str, float]:
    """Return how much sooner two threads are done by the clock.

    ``work`` is the same by CPU time: twice the work of one thread over the work of two, which
    other programs on the machine cannot spoil.
    """
    one, two = samples["numba_1"], samples["numba_2"]
    return {
        "wall": min(one.wall) / min(two.wall),
        "work": 2 * min(one.cpu) / min(two.cpu),
    }


def _twin() -> float:
    """Return the CPU time of the plain-Python twin for an impression, nanoseconds."""
    from twin import Twin
    from twin.browse import browse

    model = worlds.living(TWIN_ACCOUNTS)
    shown, spent = 0, 0.0
    twin = Twin.from_model(model)
    for phase, run in model.phases():
        run()
        if phase != "browse":
            twin.repeat_phase(model, phase)
            continue
        before = process_time()
        browse(twin)
        spent = process_time() - before
        shown = sum(not one.displaced for feed in twin.impressions.values() for one in feed)
        assert shown == int((model.impressions["displaced"] == 0).sum())
        break
    return spent / shown * 1e9
