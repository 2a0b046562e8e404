"""The model once more, in plain Python, written from ``sim/README.md`` alone.

The twin walks beside a model: it is loaded from the model's world, and after each phase of
the model it does the same phase itself, from its own memory. It takes from the model only
what the text leaves to others: the plans of strategies, the people who arrive, and what
events order (sweeps, other settings, other strategies).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sim.kernels.layout import (
    AS_BEG,
    IRRITATION,
    NEVER,
    WARMTH,
    Cause,
    Kind,
    NoticeKind,
    Origin,
    Purpose,
    Total,
)

from . import lists
from .arithmetic import Draws, decay, fold, proof, store
from .records import Account, Due, Hit, Impression, Need, Notice, Order, Tie

PROTAGONISTS = 64  # numbers kept for them
LATER = 65536  # hours that set two draws for one pair apart


def least_power(number: int) -> int:
    """The least power of two that is at least a positive number."""
    return 1 << (number - 1).bit_length()


class State:
    """A world of dictionaries and lists, and the verbs that several phases share."""

    def __init__(self, seed: int, hour: int, initial: int, start_day: int, settings: Any) -> None:
        self.hour = hour
        self.oldest = 0  # hour of the oldest posts that are kept
        self.initial = initial
        self.start_day = start_day
        self.accounts: dict[int, Account] = {}
        self.directory: dict[int, int] = {}
        self.directory_length = least_power(initial + PROTAGONISTS)
        self.spots_length = least_power(max(32, initial // 4))
        self.arrivals = 0
        self.notices: list[Notice] = []
        self.schedule: list[Due] = []
        self.inbox: set[tuple[int, int]] = set()
        self.orders: list[Order] = []
        self.needs: dict[int, Need] = {}  # by the asker's uid
        self.viral: list[Hit] = []
        self.sales: dict[tuple[int, int], int] = {}
        self.ended: list[tuple[int, int, Origin, int, int, Cause]] = []
        self.totals: list[int] = [0] * Total.SIZE
        self.impressions: dict[int, list[Impression]] = {}
        self.crowding: dict[int, float] = {}  # of each feed of this tick
        self.plan_status: list[int] = []
        self.sweeps: list[tuple[float, float]] = []  # recall, false positives; today's
        self.branches: Counter[str] = Counter()
        self.tables: dict[str, Any] = {}  # of the model, as they were last compared
        self._draws = Draws(seed)
        self.govern(settings)

    def govern(self, settings: Any) -> None:
        """Live under these settings from now on."""
        self.settings = settings
        platform, behaviour = settings.platform, settings.behaviour
        self.tick_hours: int = platform.tick_hours
        shares = {"ranked": 0.0, "chronological": 1.0, "mixed": platform.chronological_share}
        self.chronological_share: float = shares[platform.ranking]
        shown = platform.counts_visible and behaviour.social_proof_form != "none"
        self.kappa: float = behaviour.social_proof if shown else 0.0
        self.sale_proof: float = behaviour.sale_proof if shown else 0.0
        visible = platform.counts_visible
        self.reciprocity_odds: float = behaviour.reciprocity_odds if visible else 0.0
        self.proof = proof(behaviour.social_proof_form, self.hit)
        self._warmth_left = decay(behaviour.warmth_half_life)
        self._irritation_left = decay(behaviour.irritation_half_life)

    def hit(self, branch: str) -> None:
        """Note that a branch of the text was taken."""
        self.branches[branch] += 1

    def living(self) -> Iterator[Account]:
        """All accounts that are alive."""
        return (account for account in self.accounts.values() if account.alive)

    def draw(self, purpose: int, a: int, b: int, time: int) -> int:
        """64 bits."""
        return self._draws.draw(purpose, a, b, time)

    def uniform(self, purpose: int, a: int, b: int, time: int) -> float:
        """A number in [0, 1)."""
        return self._draws.uniform(purpose, a, b, time)

    def warmth(self, tie: Tie) -> float:
        """Warmth of a tie as it is now."""
        return tie.warmth / 255 * self._warmth_left(self.hour - tie.touched)

    def irritation(self, tie: Tie) -> float:
        """Irritation of a tie as it is now."""
        return tie.irritation / 64 * self._irritation_left(self.hour - tie.touched)

    def reciprocity(self, seeker: Account, other: Account) -> float:
        """Odds that a seeker of reciprocity adds for another's visible return rate."""
        if seeker.seeks:
            visible = self.settings.platform.counts_visible
            self.hit("reciprocity" if visible else "reciprocity: counts are hidden")
        rate = min(1.0, other.follows / (1 + other.followers))
        return float(self.reciprocity_odds * seeker.seeks * rate)

    def price_of_post(self, kind: int, flags: int, effort: int) -> float:
        """Minutes that a post takes."""
        prices = self.settings.behaviour.prices
        if flags & AS_BEG:
            return float(prices.beg)
        fixed = {
            Kind.SELF_TALK: prices.self_talk,
            Kind.PROMOTION: prices.promotion,
            Kind.BEG: prices.beg,
        }
        return float(fixed.get(Kind(kind), effort / 10))

    def repeat(self, author: Account, hour: int) -> int:
        """Posts of an author in the day before an hour."""
        earlier = sum(post.hour > hour - 24 for post in author.chain)
        if earlier > 10:
            self.hit("repeat: more than fits")
        return min(10, earlier)

    def reshare_uid(self, root: int, sharer: int) -> int:
        """Identity of a reshare."""
        return fold(fold(root, sharer), self.hour)

    def pick(self, count: int, word: Callable[[int], int]) -> int | None:
        """Draw a position below a count by rejection, from up to eight words."""
        if not count:
            return None
        mask = least_power(count) - 1
        positions = (word(t) & mask for t in range(8))
        return next((position for position in positions if position < count), None)

    def words(self, purpose: int, a: int, base: int) -> Callable[[int], int]:
        """The words whose second uid counts from a base."""
        return lambda t: self.draw(purpose, a, base + t, self.hour)

    def followee(self, account: Account, word: Callable[[int], int]) -> Account | None:
        """Draw one whom an account follows, by rejection."""
        position = self.pick(account.follows, word)
        if position is None:
            self.hit("followee: tries run out" if account.follows else "followee: follows nobody")
            return None
        return self.accounts[account.ties[position].other]

    def somebody(self, word: Callable[[int], int], tries: int) -> Account | None:
        """Draw a living account of the directory that follows somebody."""
        for t in range(tries):
            uid = self.directory.get(word(t) & self.directory_length - 1)
            if uid is not None and self.accounts[uid].alive and self.accounts[uid].follows:
                return self.accounts[uid]
        self.hit("somebody: tries run out")
        return None

    def topic_of_interest(self, account: Account, word: Callable[[int], int]) -> int | None:
        """Draw a topic by an account's interests."""
        for t in range(4):
            if word(t) >> 8 & 255 < account.interest[word(t) >> 61]:
                return word(t) >> 61
        return None

    def pod(self, account: Account) -> int:
        """The pod that an account joins."""
        word = self.draw(Purpose.POD, account.uid, 0, 0)
        return 1 + ((word >> 32) * int(self.settings.platform.pods) >> 32)

    def notify(self, target: Account, actor: Account, kind: int) -> None:
        """Tell an account something, after the delay."""
        due = self.hour + self.settings.platform.return_hours
        self.notices.append(Notice(target.uid, actor.uid, int(kind), due))

    def begin_follow(
        self, follower: Account, followee: Account, origin: int, notify: bool = True
    ) -> bool:
        """Begin a follow if it can begin."""
        if follower is followee or not (follower.alive and followee.alive):
            return False
        if follower.is_following(followee.uid):
            return False
        self._lay_follow(follower, followee, origin)
        self.hit(f"origin: {Origin(origin).name.lower()}")
        followee.followers += 1
        self.totals[Total.FOLLOWS] += 1
        if notify:
            self.notify(followee, follower, NoticeKind.FOLLOWED)
        return True

    def _lay_follow(self, follower: Account, followee: Account, origin: int) -> None:
        place = follower.place(followee.uid)
        if place is None:
            new = Tie(followee.uid, self.hour, NEVER, self.hour, int(origin))
            crowded = len(follower.ties) > follower.follows
            self.hit("follow: makes room" if crowded else "follow: new")
            lists.append_follow(follower, new)
            return
        self.hit("follow: of an acquaintance")
        lists.make_follow(follower, place)
        tie = follower.ties[follower.follows - 1]
        tie.start, tie.muted, tie.origin = self.hour, 0, int(origin)

    def end_follow(self, follower: Account, followee: Account, cause: int) -> bool:
        """End a follow if there is one."""
        if not follower.is_following(followee.uid):
            return False
        place = follower.place(followee.uid)
        assert place is not None
        self.remember_end(follower, follower.ties[place], cause)
        self.hit(f"unfollow: {lists.end_follow(follower, place)}")
        followee.followers -= 1
        self.totals[Total.UNFOLLOWS] += 1
        self.notify(followee, follower, NoticeKind.DROPPED)
        return True

    def remember_end(self, follower: Account, tie: Tie, cause: int) -> None:
        """Note for the record why a follow ends."""
        self.hit(f"cause: {Cause(cause).name.lower()}")
        self.ended.append(
            (tie.other, follower.uid, Origin(tie.origin), tie.start, self.hour, Cause(cause))
        )

    def known(self, account: Account, other: Account) -> Tie:
        """The tie to another, made as an acquaintance if there is none."""
        tie = account.tie(other.uid)
        if tie is None:
            tie, bounded = lists.acquaint(account, other.uid, self.hour)
            self.hit("acquaintance: bounded" if bounded else "acquaintance: new")
        return tie

    def answer(self, account: Account, other: Account) -> None:
        """Answer a reply: both sides grow warmer."""
        for owner, partner in ((account, other), (other, account)):
            tie = self.known(owner, partner)
            warmth, irritation = self.warmth(tie), self.irritation(tie)
            warmth += self.settings.behaviour.warmth_answer * (1 - warmth)
            pair, purpose = (owner.uid, partner.uid), Purpose.ROUND_ANSWER_WARMTH
            chance = self.uniform(purpose, *pair, self.hour)
            tie.warmth = store(warmth, WARMTH, 255, chance)
            chance = self.uniform(purpose, *pair, self.hour + LATER)
            tie.irritation = store(irritation, IRRITATION, 255, chance)
            tie.engaged = tie.touched = self.hour

    def keep(
        self,
        owner: Account,
        tie: Tie,
        feelings: tuple[float, float],
        purposes: tuple[Purpose, Purpose],
    ) -> None:
        """Store warmth and irritation of an owner's tie as they are now."""
        chances = [self.uniform(p, owner.uid, tie.other, self.hour) for p in purposes]
        tie.warmth = store(feelings[0], WARMTH, 255, chances[0])
        tie.irritation = store(feelings[1], IRRITATION, 255, chances[1])
        tie.touched = self.hour

    def record(self) -> None:
        """End the tick; posts that nobody will ask for again are let go."""
        self.oldest = self.hour - max(self.settings.platform.window_hours, 24) - 24
        for account in self.accounts.values():
            account.chain = [post for post in account.chain if post.hour >= self.oldest]
        self.hour += self.tick_hours
