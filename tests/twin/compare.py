"""Comparison of twin and model by uid, after each phase."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from operator import attrgetter
from typing import Any, TypeVar

from sim.kernels.layout import NO_POST, NO_ROW, Total

from . import loading
from .records import Account
from .state import State

ACCOUNT = (
    "alive",
    "followers",
    "follows",
    "posts",
    "last_browse",
    "impressions",
    "engagements",
    "expectation",
    "joined",
    "kind",
    "strategy",
    "dollars",
    "pod",
    "paid",
    "blocked_until",
    "profile_quality",
    "profile_topic",
)
LIST = ("other", *loading.TIE)
CHAIN = ("author", "creator", *loading.POST)
HOUR = CHAIN.index("hour")
ACCOUNT_OF = attrgetter(*ACCOUNT)
TIE_OF = attrgetter(*loading.TIE)
POST_OF = attrgetter(*CHAIN)
MECHANICS = (Total.OLDEST_POST, Total.NEXT_POST)

Row = tuple[Any, ...]
T = TypeVar("T")


class DivergenceError(AssertionError):
    """Twin and model disagree."""


class Comparison:
    """One comparison of a twin with its model."""

    def __init__(self, twin: State, model: Any, phase: str) -> None:
        self.twin = twin
        self.model = model
        self.phase = phase
        self.uids = loading.all_uids(model)

    def run(self) -> None:
        """Compare everything that changes, accounts first."""
        self._accounts()
        self._ties()
        self._chains()
        self._queues()
        self._totals()
        if self.phase == "record":  # the model writes sales down at the end of a tick
            self._sales()
        if self.phase == "browse":
            self._impressions()
        if self.phase == "decide":
            self._plan()

    def _fail(self, column: str, uid: int | None, twin: object, model: object) -> None:
        where = f"hour {self.twin.hour}, phase {self.phase}"
        who = "" if uid is None else f", uid {uid:#x}"
        raise DivergenceError(f"{where}, {column}{who}: twin {twin!r}, model {model!r}")

    def _same(self, column: str, uid: int | None, twin: object, model: object) -> None:
        if twin != model:
            self._fail(column, uid, twin, model)

    def same_rows(self, column: str, twin: Iterable[Any], model: Iterable[Any]) -> None:
        """Compare two tables whose order means nothing."""
        left, right = list(twin), list(model)
        if left != right and Counter(left) != Counter(right):
            lacking, surplus = Counter(left) - Counter(right), Counter(right) - Counter(left)
            self._fail(column, None, sorted(lacking), sorted(surplus))

    def _accounts(self) -> None:
        self.same_rows("accounts", self.twin.accounts, self.uids)
        records = self.model.world.state.accounts[: self.model.world.rows]
        columns = (records[name].tolist() for name in ACCOUNT)
        for uid, model in zip(self.uids, zip(*columns, strict=True), strict=True):
            twin = ACCOUNT_OF(self.twin.accounts[uid])
            if twin[0] or model[0]:
                self._row("account", ACCOUNT, uid, twin, model)

    def _row(self, table: str, names: tuple[str, ...], uid: int, twin: Row, model: Row) -> None:
        if twin == model:
            return
        for name, left, right in zip_longest(names, twin, model):
            self._same(f"{table}.{name}", uid, left, right)

    def _living(self) -> Iterator[tuple[int, int, Account]]:
        for row, uid in enumerate(self.uids):
            account = self.twin.accounts[uid]
            if account.alive:
                yield row, uid, account

    def _read(self, table: str, source: tuple[Any, ...], read: Callable[[], T]) -> T:
        """What a table of the model holds; it is read anew only if an array has changed."""
        copies = [array.tobytes() for array in source]
        held: tuple[list[bytes], T] | None = self.twin.tables.get(table)
        if held is None or held[0] != copies:
            held = self.twin.tables[table] = copies, read()
        return held[1]

    def _ties(self) -> None:
        state, rows = self.model.world.state, self.model.world.rows
        starts, counts = (state.accounts[name][:rows] for name in ("start", "ties"))
        used = int((starts + counts).max())
        source = (starts, counts, state.follow_ids[:used], state.ties[:used])
        lists = self._read("ties", source, lambda: list(self._lists(*source)))
        for row, uid, account in self._living():
            twin = [tie.other for tie in account.ties], [TIE_OF(tie) for tie in account.ties]
            if twin != lists[row]:
                self._list(uid, zip(*twin, strict=True), zip(*lists[row], strict=True))

    def _lists(self, starts: Any, counts: Any, ids: Any, ties: Any) -> Iterator[Row]:
        """Whom each row is tied to, and how."""
        others, records = ids.tolist(), ties[list(loading.TIE)].tolist()
        for start, count in zip(starts.tolist(), counts.tolist(), strict=True):
            span = slice(start, start + count)
            yield [self.uids[other] for other in others[span]], records[span]

    def _list(self, uid: int, twin: Iterable[Row], model: Iterable[Row]) -> None:
        for j, (left, right) in enumerate(zip_longest(twin, model)):
            if left is None or right is None:
                self._fail(f"tie {j}", uid, left, right)
            self._row(f"tie {j}", LIST, uid, (left[0], *left[1]), (right[0], *right[1]))

    def _chains(self) -> None:
        state = self.model.world.state
        latest = state.accounts["latest"][: self.model.world.rows]
        source = (latest, state.posts, state.totals[[Total.OLDEST_POST]])
        chains = self._read("posts", source, self._model_chains)
        for row, uid, account in self._living():
            if account.chain or row in chains:
                self._chain(uid, account, chains.get(row, []))

    def _model_chains(self) -> dict[int, list[Row]]:
        """The posts of each row that has any, newest first."""
        state = self.model.world.state
        posts = state.posts[["author", "creator", *loading.POST]].tolist()
        authors = (state.accounts["latest"][: self.model.world.rows] != NO_POST).nonzero()[0]
        return {
            row: [self._by_uid(posts[place]) for place in loading.chain_places(self.model, row)]
            for row in authors.tolist()
        }

    def _by_uid(self, record: Row) -> Row:
        return self.uids[record[0]], self.uids[record[1]], *record[2:]

    def _chain(self, uid: int, account: Account, model: list[Row]) -> None:
        """Compare the newest posts; beyond the window both may let go when they like."""
        twin = [POST_OF(post) for post in reversed(account.chain)]
        model = [post for post in model if post[HOUR] >= self.twin.oldest]
        if twin[: len(model)] != model:
            for left, right in zip_longest(twin[: len(model)], model):
                if left is None:
                    self._fail("chain", uid, left, right)
                self._row("post", CHAIN, uid, left, right)
        since = self.twin.hour - self.twin.settings.platform.window_hours
        for post in twin[len(model) :]:
            if post[HOUR] >= since:
                self._fail("chain", uid, post, None)

    def _queues(self) -> None:
        twin, model, uids = self.twin, self.model, self.uids
        self.same_rows("notices", twin.notices, loading.notices(model, uids))
        self.same_rows("inbox", twin.inbox, loading.inbox(model, uids))
        self.same_rows(
            "schedule", self._dues(twin.schedule), self._dues(loading.schedule(model, uids))
        )
        self.same_rows("needs", twin.needs.values(), loading.needs(model, uids))
        self._same(
            "viral hits", None, self._hits(twin.viral), self._hits(loading.viral_hits(model))
        )

    def _sales(self) -> None:
        """Compare when somebody last bought from an account, as far back as it matters."""
        since = self.twin.hour - 24 * self.twin.settings.behaviour.sale_pause_days
        model = loading.sales(self.model)
        self.same_rows("sales", *(self._late(sales, since) for sales in (self.twin.sales, model)))

    def _late(self, sales: dict[tuple[int, int], int], since: int) -> Iterator[Row]:
        return ((*pair, hour) for pair, hour in sales.items() if hour > since)

    def _hits(self, hits: Iterable[Any]) -> list[Any]:
        return [hit for hit in hits if hit.until > self.twin.hour]

    def _dues(self, entries: Iterable[Any]) -> Iterator[Row]:
        """Scheduled posts without their place in the plan, which only orders them."""
        for due in entries:
            yield due.uid, due.due, due.author, due.day, due.effort, due.kind, due.topic, due.flags

    def _totals(self) -> None:
        model = self.model.world.state.totals.tolist()
        for total in Total:
            if total not in (*MECHANICS, Total.SIZE):
                self._same(f"total {total.name}", None, self.twin.totals[total], model[total])
        listed = {
            number: self.uids[row]
            for number, row in enumerate(self.model.world.state.directory.tolist())
            if row != NO_ROW
        }
        if listed != self.twin.directory:
            both = listed.items() ^ self.twin.directory.items()
            number = min(number for number, _ in both)
            self._fail(
                f"directory {number}", None, self.twin.directory.get(number), listed.get(number)
            )

    def _plan(self) -> None:
        if self.twin.hour % 24 == 0:
            status = [int(code) for code in self.model.plan_status]
            self._same("plan status", None, self.twin.plan_status, status)

    def _impressions(self) -> None:
        model: dict[int, list[Row]] = {}
        posts = self.model.world.state.posts
        mask = len(posts) - 1
        for record in self.model.impressions:
            post = int(posts["uid"][int(record["post"]) & mask])
            row = (post, int(record["route"]), bool(record["displaced"]))
            model.setdefault(self.uids[record["viewer"]], []).append(row)
        for uid in self.twin.accounts:
            self._same("impressions", uid, self._feed(uid), model.get(uid, []))

    def _feed(self, uid: int) -> list[Row]:
        feed = self.twin.impressions.get(uid, [])
        return [(each.post.uid, int(each.route), each.displaced) for each in feed]


def compare(twin: State, model: Any, phase: str) -> None:
    """Raise a DivergenceError that names the first place where twin and model disagree."""
    Comparison(twin, model, phase).run()
