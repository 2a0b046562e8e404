"""The phases of a tick between planning and recording, each a thin wrapper of its kernels.

The order of the phases stands in `sim/model.py`.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.enact import receive_replies
from sim.kernels import browse as browse_kernels
from sim.kernels import imitating, joining, measure, needs, posts, returning, settle
from sim.kernels import police as police_kernels
from sim.kernels import react as react_kernels
from sim.kernels import wall as wall_kernels
from sim.kernels.draws import draw, unit
from sim.kernels.layout import (
    DECISION,
    IMPRESSION,
    NEED,
    NOTICE,
    TOPICS,
    WALL,
    AccountKind,
    Cause,
    NoticeKind,
    Origin,
    Purpose,
    Total,
    Verb,
    Wall,
)
from sim.world import people
from sim.world.world import BOUGHT, PROTAGONIST_NUMBERS, World, power_of_two

_INLINE: Final = 20_000  # viewers below which threads cost more than they gain
_PARTS: Final = 4  # pieces of work a thread, so that threads end together
_LEAST_SPOTS: Final = 32
_WEEK: Final = 7 * 24
_WEEK_DAYS: Final = 7
_PARTIES: Final = np.dtype([("author", "u8"), ("viewer", "u8")])
_MEMORY: Final = 28  # days over which the platform's mean engagement rate is known


@dataclass
class Tick:
    """What the phases of one tick hand on to one another."""

    viewers: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))
    offsets: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    shown: NDArray[np.uint16] = field(default_factory=lambda: np.zeros(0, np.uint16))
    displaced: NDArray[np.uint16] = field(default_factory=lambda: np.zeros(0, np.uint16))
    crowding: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    impressions: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, IMPRESSION))
    events: list[NDArray[np.void]] = field(default_factory=list)
    sweeps: list[int] = field(default_factory=list)  # accounts deleted by each sweep


class Crew:
    """One or several threads that share the viewers of a tick; the result is the same."""

    def __init__(self, threads: int = 1) -> None:
        """Engage so many threads."""
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._rooms: dict[str, NDArray[np.void]] = {}
        self._counts = np.zeros((1, 0), np.uint32)

    def room(self, name: str, size: int, kind: np.dtype[np.void]) -> NDArray[np.void]:
        """Return an array of this size, in memory that is used again in each tick.

        Fresh memory would have to be cleared by the system page by page.
        """
        if len(self._rooms.get(name, ())) < size:
            self._rooms[name] = np.empty(size + size // 4, kind)
        held: NDArray[np.void] = self._rooms.get(name, np.empty(0, kind))
        return held[:size]

    def share(self, work: Callable[[int, int, int], None], load: NDArray[np.int64]) -> None:
        """Call ``work(part, first, last)`` for ranges of all items, cut by cumulated load."""
        parts = self.parts(len(load))
        if self._pool is None or parts == 1:
            work(0, 0, len(load))
            return
        cuts = np.searchsorted(load, np.arange(parts + 1) * (int(load[-1]) + 1) // parts)
        cuts[0], cuts[-1] = 0, len(load)
        ranges = enumerate(pairwise(cuts))
        done = [self._pool.submit(work, part, int(a), int(b)) for part, (a, b) in ranges]
        for future in done:
            future.result()

    def parts(self, count: int) -> int:
        """Return into how many parts so many items are cut."""
        return 1 if self._pool is None or count < _INLINE else self.threads * _PARTS

    def counts(self, parts: int, size: int) -> NDArray[np.uint32]:
        """Return counters (parts, size), all 0; who uses them leaves them so."""
        if self._counts.shape != (parts, size):
            self._counts = np.zeros((parts, size), np.uint32)
        return self._counts


def age_totals(world: World) -> None:
    """Let the platform forget a day's part of what its mean engagement rate rests on."""
    for total in (Total.RECENT_IMPRESSIONS, Total.RECENT_ENGAGEMENTS):
        world.state.totals[total] -= world.state.totals[total] // _MEMORY


def arrive(world: World, tick: Tick) -> None:
    """Let new accounts join the platform and make their first follows."""
    expected = world.initial * world.settings.world.arrivals_per_day
    coin = _unit(world, Purpose.ARRIVAL)
    count = int(expected) + (coin < expected - int(expected))
    if not count:
        return
    first = world.add_rows(count)
    day = world.hour // 24
    accounts = world.state.accounts[first : first + count]
    accounts["uid"] = (1 << 62) + (day << 32) + np.arange(count)
    accounts["kind"] = AccountKind.ARRIVAL
    accounts["joined"] = accounts["last_browse"] = world.hour
    people.make(world, first, first + count)
    _settle_in(world, tick, first, count)
    for row in range(first, first + count):
        world.enlist(row, world.initial + PROTAGONIST_NUMBERS + world.arrived)
        world.arrived += 1


def _unit(world: World, purpose: Purpose) -> float:
    """Return the draw of the whole platform for this purpose and hour."""
    zero = np.uint64(0)
    word = draw(np.uint64(world.seed), np.uint64(purpose), zero, zero, np.uint64(world.hour))
    return float(unit(np.uint64(word)))


def _settle_in(world: World, tick: Tick, first: int, count: int) -> None:
    """Let the newcomers in these rows follow."""
    follows = world.settings.world.arrival_follows
    rows = np.arange(first, first + count, dtype=np.uint32)
    world.reserve_ties(np.repeat(rows, follows))
    notices, events = np.zeros(count * follows, NOTICE), np.zeros(count * follows, DECISION)
    due, written, logged = world.hour + world.settings.platform.return_hours, 0, 0
    for row in rows:
        written, logged = joining.settle_in(
            world.state,
            int(row),
            follows,
            np.uint64(world.seed),
            world.hour,
            due,
            notices,
            written,
            events,
            logged,
        )
    world.notify(notices[:written])
    tick.events.append(events[:logged])


def pay_sponsored(world: World) -> NDArray[np.float64]:
    """Let sponsors pay for yesterday; return what each row has received."""
    sponsors, accounts = world.settings.platform.sponsors, world.accounts
    if sponsors.per_1000_followers == sponsors.per_engagement == 0.0:
        accounts["paid"] = accounts["engagements"]
        return np.zeros(world.rows)
    counts = accounts["followers"].astype(np.float64)
    heard = accounts["engagements"].astype(np.float64) - accounts["paid"]
    pay: NDArray[np.float64] = sponsors.per_1000_followers * counts / 1000.0
    pay += sponsors.per_engagement * heard
    able = (accounts["alive"] == 1) & (accounts["kind"] != AccountKind.FAKE)
    pay[~able | (counts < sponsors.least_followers)] = 0.0
    accounts["dollars"] += pay
    accounts["paid"] = accounts["engagements"]
    return pay


def deliver(world: World, tick: Tick) -> None:
    """Let the vendors deliver the parts of their orders that are due today."""
    today = world.hour // 24
    for order in world.orders:
        vendor = world.settings.platform.vendors[order["vendor"]]
        part = today - int(order["day"]) - 1
        if not 0 <= part < vendor.delivery_days:
            continue
        amount = int(order["amount"])
        done = amount * part // vendor.delivery_days
        count = amount * (part + 1) // vendor.delivery_days - done
        if count and world.state.accounts[order["buyer"]]["alive"]:
            first = _deliver(world, tick, order, done, count)
            _serve_others(world, int(order["vendor"]), first, count)


def _deliver(world: World, tick: Tick, order: np.void, done: int, count: int) -> int:
    """Make the fakes of one delivery; return the first row."""
    buyer = int(order["buyer"])
    number = int(world.state.accounts[buyer]["number"])
    uid = (2 << 62) + (int(order["vendor"]) << 54) + (number << 28) + int(order["first"])
    world.reserve_entries(4 * count)
    first = world.add_rows(count)
    joining.deliver(
        world.state,
        first,
        first + count,
        np.uint64(uid + done),
        int(order["vendor"]),
        buyer,
        world.hour,
    )
    events = np.zeros(count, DECISION)
    events["actor"] = np.arange(first, first + count)
    events["target"], events["verb"], events["label"] = buyer, Verb.FOLLOW, Origin.BOUGHT
    tick.events.append(events)
    return first


def _serve_others(world: World, vendor: int, first: int, count: int) -> None:
    """Let the fakes of one delivery follow other customers of the vendor."""
    sold = world.settings.platform.vendors[vendor]
    if sold.other_customers == 0 or sold.clients == 0.0:
        return
    clients, seed = np.empty(world.rows, np.uint32), np.uint64(world.seed)
    found = joining.find_clients(world.state, seed, vendor, sold.clients, clients)
    rows = np.arange(first, first + count, dtype=np.uint32)
    world.reserve_ties(np.repeat(rows, sold.other_customers))
    joining.follow_clients(
        world.state, first, first + count, sold.other_customers, clients, found, seed, world.hour
    )


def imitate(world: World) -> None:
    """Let people take over the strategies of those who look successful, once a week."""
    behaviour = world.settings.behaviour
    hidden = not world.settings.platform.counts_visible
    if behaviour.imitation == 0.0 or hidden or world.hour % _WEEK:
        return
    imitating.imitate(
        world.state,
        world.rows,
        np.uint64(world.seed),
        world.hour,
        behaviour.imitation,
        behaviour.imitation_factor,
        behaviour.imitate_by == "engagements",
        world.accounts["strategy"].copy(),
    )


def voice_needs(world: World) -> None:
    """Let old needs lapse, and people voice new ones."""
    open_still = world.hour - world.needs["hour"] < world.settings.platform.need_hours
    open_still &= world.state.accounts["alive"][world.needs["asker"]] == 1
    world.needs = world.needs[open_still]
    has_one = np.zeros(world.rows, np.bool_)
    has_one[world.needs["asker"]] = True
    fresh = np.zeros(world.rows, NEED)
    probability = world.settings.population.needs_per_day
    count = needs.voice(
        world.state, world.rows, np.uint64(world.seed), world.hour, probability, has_one, fresh
    )
    world.state.totals[Total.NEEDS] += count
    order = np.argsort(world.state.accounts["uid"][fresh["asker"][:count]])
    world.needs = np.concatenate([world.needs, fresh[:count][order]])


def publish(world: World, tick: Tick) -> None:
    """Let the posts that are due enter the window."""
    posts.forget_old_posts(world.state, world.hour, world.params)
    until = world.hour + world.settings.platform.tick_hours
    count = int(np.searchsorted(world.schedule["due"], until))
    world.reserve_posts(count)
    posts.publish(
        world.state,
        world.schedule[:count],
        np.uint64(world.seed),
        world.settings.world.topics,
        world.params,
    )
    world.schedule = world.schedule[count:]


def browse(world: World, tick: Tick, crew: Crew) -> None:
    """Fill the feeds of those who open them now."""
    state, hour, seed = world.state, world.hour, np.uint64(world.seed)
    viewers = np.empty(world.rows, np.uint32)
    reads, sessions = np.empty(world.rows, np.uint16), np.empty(world.rows, np.uint8)
    wall = _wall(world)
    count = browse_kernels.open_sessions(
        state, world.rows, hour, seed, world.params, viewers, reads, sessions
    )
    state.totals[Total.SESSIONS] += int(sessions[:count].sum())
    load = np.cumsum(2 * reads[:count].astype(np.int64))
    tick.viewers = viewers[:count]
    tick.offsets = load - 2 * reads[:count]
    tick.shown, tick.displaced = np.empty(count, np.uint16), np.empty(count, np.uint16)
    tick.crowding = np.empty(count)
    tick.impressions = crew.room("impressions", int(load[-1]) if count else 0, IMPRESSION)
    hits = world.viral[world.viral["until"] > hour]

    def work(part: int, first: int, last: int) -> None:
        browse_kernels.browse(
            state,
            world.tables,
            wall,
            world.params,
            seed,
            hour,
            first,
            last,
            tick.viewers,
            reads,
            sessions,
            hits,
            tick.offsets,
            tick.shown,
            tick.displaced,
            tick.crowding,
            tick.impressions,
        )

    crew.share(work, load)
    browse_kernels.close_sessions(state, viewers, count, hour)


def _wall(world: World) -> Wall:
    """Return the wall of this tick."""
    state, hour, params = world.state, world.hour, world.params
    start = np.empty(len(state.accounts) + 1, np.uint32)
    count = wall_kernels.count_posts(state, hour, params, start)
    spots = np.empty((TOPICS, power_of_two(max(_LEAST_SPOTS, world.initial // 4))), np.uint32)
    wall = Wall(start, np.empty(count, WALL), spots)
    wall_kernels.fill(state, hour, params, wall)
    wall_kernels.fill_spots(wall)
    return wall


def listed(tick: Tick) -> NDArray[np.void]:
    """Return the impressions of a tick one behind the other, the displaced behind each feed."""
    counts = tick.shown.astype(np.int64) + tick.displaced
    out = np.empty(int(counts.sum()), IMPRESSION)
    settle.compact(len(tick.viewers), tick.offsets, counts, tick.impressions, out)
    return out


def react(world: World, tick: Tick, crew: Crew, delivered: NDArray[np.int64]) -> None:
    """Let the viewers react, then carry out what they decided."""
    most = react_kernels.MOST_DECISIONS
    count = len(tick.viewers)
    decisions = crew.room("decisions", most * len(tick.impressions), DECISION)
    seen = crew.room("seen", len(tick.impressions), DECISION)
    begins, decided = np.empty(count, np.int64), np.empty(count, np.int64)
    parts = crew.parts(count)
    counts = crew.counts(parts, len(world.state.posts))
    sums = np.zeros((parts, Total.SIZE), np.int64)
    noted: list[NDArray[np.void]] = [seen[:0]] * parts

    def work(part: int, first: int, last: int) -> None:
        found = react_kernels.react(
            world.state,
            world.tables,
            world.params,
            np.uint64(world.seed),
            world.hour,
            first,
            last,
            tick.offsets,
            tick.shown,
            tick.displaced,
            tick.crowding,
            tick.impressions,
            counts[part],
            sums[part],
            seen,
            decisions,
            begins,
            decided,
        )
        begin = int(tick.offsets[first]) if first < last else 0
        noted[part] = seen[begin : begin + found]

    crew.share(work, tick.offsets)
    settle.tally(world.state, counts, sums)
    views = np.concatenate(noted)
    settle.deliver(world.state, views, delivered)
    tick.events.append(views)
    made = np.empty(int(decided.sum()), DECISION)
    settle.compact(count, begins, decided, decisions, made)
    carry_out(world, tick, made)


def carry_out(world: World, tick: Tick, decisions: NDArray[np.void]) -> None:
    """Carry out decisions in order and keep what concerns tracked accounts."""
    verbs = decisions["verb"]
    world.reserve_posts(int(np.count_nonzero(verbs == Verb.RESHARE)))
    world.reserve_ties(decisions["actor"][verbs == Verb.FOLLOW])
    notices, events = np.empty(len(decisions), NOTICE), np.empty(len(decisions), DECISION)
    written, logged = settle.settle(
        world.state, decisions, world.hour, world.params, notices, events
    )
    world.notify(notices[:written])
    tick.events.append(events[:logged])
    sell(world, tick, decisions[verbs == Verb.SALE])


def sell(world: World, tick: Tick, wanted: NDArray[np.void]) -> None:
    """Let sales take place, but for those who bought from the same account lately."""
    pause = world.settings.behaviour.sale_pause_days * 24
    world.bought = world.bought[world.bought["hour"].astype(np.int64) > world.hour - pause]
    if len(wanted) == 0:
        return
    sales = np.zeros(len(wanted), BOUGHT)
    uids = world.state.accounts["uid"]
    sales["author"], sales["viewer"] = uids[wanted["target"]], uids[wanted["actor"]]
    sales["hour"] = world.hour
    first = _first_of_each(sales) & ~np.isin(_parties(sales), _parties(world.bought))
    world.bought = np.concatenate([world.bought, sales[first]])
    paid = world.settings.behaviour.sale_dollars
    np.add.at(world.state.accounts["dollars"], wanted["target"][first], paid)
    tracked = world.state.accounts["tracked"][wanted["target"]] == 1
    tick.events.append(wanted[first & tracked])


def _parties(sales: NDArray[np.void]) -> NDArray[np.void]:
    """Return seller and buyer of each sale."""
    out = np.zeros(len(sales), _PARTIES)
    out["author"], out["viewer"] = sales["author"], sales["viewer"]
    return out


def _first_of_each(sales: NDArray[np.void]) -> NDArray[np.bool_]:
    """Mark the first sale of each pair of seller and buyer."""
    mask = np.zeros(len(sales), np.bool_)
    mask[np.unique(_parties(sales), return_index=True)[1]] = True
    return mask


def return_(world: World, tick: Tick) -> None:
    """Let those who were notified a day ago follow back, take note, or answer."""
    ripe = world.notices["due"] <= world.hour
    due, world.notices = world.notices[ripe], world.notices[~ripe]
    accounts = world.state.accounts
    alive = (accounts["alive"][due["target"]] == 1) & (accounts["alive"][due["actor"]] == 1)
    due = due[alive]
    uids = accounts["uid"]
    due = due[np.lexsort((due["due"], due["kind"], uids[due["actor"]], uids[due["target"]]))]
    seed, hour = np.uint64(world.seed), world.hour
    back, waiting = np.zeros(len(due), np.uint8), np.zeros(len(due), np.uint8)
    returning.decide_follow_backs(world.state, world.tables, world.params, seed, hour, due, back)
    replied = due[due["kind"] == NoticeKind.REPLIED]
    # an answer can make new acquaintances on both sides, besides the reply's own
    owners = (replied["target"], replied["target"], replied["actor"])
    world.reserve_ties(np.concatenate(owners))
    returning.receive(world.state, world.tables, world.params, seed, hour, due, waiting)
    receive_replies(world, due[waiting == 1])
    follows = np.zeros(int(back.sum()), DECISION)
    follows["actor"], follows["target"] = due["target"][back == 1], due["actor"][back == 1]
    follows["verb"], follows["label"] = Verb.FOLLOW, Origin.FOLLOW_BACK
    carry_out(world, tick, follows)


def police(world: World, tick: Tick) -> None:
    """Let fakes decay and be detected, sweep if a sweep is due, let people depart."""
    platform, nobody = world.settings.platform, 0.0
    decay = np.array([v.decay_per_day for v in platform.vendors] or [0.0])
    _remove(world, tick, Cause.DECAY, Purpose.DECAY, decay, nobody)
    found = np.full(len(decay), platform.detection_per_day)
    _remove(world, tick, Cause.DETECTION, Purpose.DETECTION, found, nobody)
    for recall, mistakes in world.sweeps_due:
        swept = np.full(len(decay), recall)
        tick.sweeps.append(_remove(world, tick, Cause.SWEEP, Purpose.SWEEP, swept, mistakes))
    if world.hour % _WEEK == 0 and world.hour > 0:
        leaving = _WEEK_DAYS * world.settings.world.departures_per_day
        stay = np.zeros(len(decay))
        _remove(world, tick, Cause.DEPARTURE, Purpose.DEPARTURE, stay, leaving)


def _remove(
    world: World,
    tick: Tick,
    cause: Cause,
    purpose: Purpose,
    fakes: NDArray[np.float64],
    ordinary: float,
) -> int:
    """Delete fakes and ordinary accounts with these probabilities; return how many."""
    if ordinary == 0.0 and not fakes.any():
        return 0
    doomed = _doomed(world, purpose, fakes, ordinary)
    _delete(world, tick, doomed, cause)
    return len(doomed)


def _doomed(
    world: World, purpose: Purpose, fakes: NDArray[np.float64], ordinary: float
) -> NDArray[np.uint32]:
    """Return the rows that are caught."""
    rows = np.empty(world.rows, np.uint32)
    count = police_kernels.mark_doomed(
        world.state,
        world.rows,
        np.uint64(world.seed),
        world.hour,
        int(purpose),
        fakes,
        float(ordinary),
        rows,
    )
    return rows[:count]


def _delete(world: World, tick: Tick, doomed: NDArray[np.uint32], cause: Cause) -> None:
    """Delete accounts, and note which follows of tracked accounts end by it."""
    if len(doomed) == 0:
        return
    for tracked in np.flatnonzero(world.accounts["tracked"]):
        flags, warmth = np.zeros(len(doomed), np.uint8), np.zeros(len(doomed))
        engaged = np.zeros(len(doomed), np.uint16)
        measure.look_at_followers(
            world.state, world.tables, int(tracked), doomed, world.hour, 0, flags, warmth, engaged
        )
        lost = doomed[flags > 0]
        events = np.zeros(len(lost), DECISION)
        events["actor"], events["target"] = lost, tracked
        events["verb"], events["label"] = Verb.UNFOLLOW, cause
        tick.events.append(events)
    police_kernels.delete(world.state, world.rows, doomed)
