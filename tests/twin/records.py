"""What the twin remembers: accounts with their ties, posts, notices, orders."""

from dataclasses import dataclass, field

from sim.kernels.layout import AccountKind


@dataclass(eq=False)
class Tie:
    """One entry of an account's list, named by the uid of the other account."""

    other: int
    start: int
    engaged: int
    touched: int
    origin: int
    muted: int = 0
    warmth: int = 0
    irritation: int = 0

    @property
    def strength(self) -> int:
        """What decides whether the tie is remembered."""
        return self.warmth + self.irritation


@dataclass(eq=False)
class Post:
    """A post or a reshare in its author's chain."""

    uid: int
    root: int
    author: int
    creator: int
    hour: int
    quality: int
    spread: int
    kind: int
    topic: int
    asks: int
    reshare: int
    repeat: int
    seen: int = 0
    engaged: int = 0
    likes: int = 0


@dataclass(eq=False)
class Account:
    """An account; ``ties[:follows]`` are its follows, the rest its acquaintances."""

    uid: int
    kind: int
    joined: int
    last_browse: int
    number: int | None = None
    alive: bool = True
    vendor: int = 0
    interest: list[int] = field(default_factory=lambda: [0] * 8)
    focus: int = 0
    seeks: int = 0
    attention: int = 0
    craft: float = 0.0
    sessions: float = 0.0
    follow_back: float = 0.0
    diligence: float = 0.0
    curiosity: float = 0.0
    reshare: float = 0.0
    answers: float = 0.0
    offer: float = 0.0
    minutes: float = 0.0
    dollars: float = 0.0
    strategy: int = 0
    pod: int = 0
    paid: int = 0
    blocked_until: int = 0
    expectation: int = 0
    followers: int = 0
    posts: int = 0
    impressions: int = 0
    engagements: int = 0
    profile_quality: list[int] = field(default_factory=lambda: [0] * 5)
    profile_topic: list[int] = field(default_factory=lambda: [0] * 5)
    follows: int = 0
    ties: list[Tie] = field(default_factory=list)
    chain: list[Post] = field(default_factory=list)

    @property
    def is_fake(self) -> bool:
        """Whether a vendor made it."""
        return self.kind == AccountKind.FAKE

    @property
    def is_ordinary(self) -> bool:
        """Whether it belongs to the population: there from the start, or arrived."""
        return self.kind in (AccountKind.ORDINARY, AccountKind.ARRIVAL)

    @property
    def profile(self) -> list[tuple[int, int]]:
        """Quality and topic of the last own posts, in the order of the ring."""
        filled = min(self.posts, 5)
        return list(zip(self.profile_quality, self.profile_topic, strict=True))[:filled]

    def place(self, other: int) -> int | None:
        """Where in the list the tie to another account is."""
        return next((j for j, tie in enumerate(self.ties) if tie.other == other), None)

    def tie(self, other: int) -> Tie | None:
        """The tie to another account, follow or acquaintance."""
        return next((tie for tie in self.ties if tie.other == other), None)

    def is_following(self, other: int) -> bool:
        """Whether it follows another account."""
        return any(tie.other == other for tie in self.ties[: self.follows])


@dataclass(frozen=True, order=True)
class Notice:
    """What an account will be told, in the order in which it is dealt with."""

    target: int
    actor: int
    kind: int
    due: int


@dataclass(frozen=True)
class Due:
    """A post that an accepted row of a plan has scheduled."""

    uid: int
    due: int
    author: int
    day: int
    order: int
    effort: int
    kind: int
    topic: int
    flags: int


@dataclass(frozen=True)
class Order:
    """An order with a vendor."""

    vendor: int
    buyer: int
    amount: int
    day: int
    first: int  # fakes that this buyer had ordered before


@dataclass(frozen=True)
class Need:
    """A question that somebody has voiced."""

    asker: int
    hour: int
    topic: int


@dataclass(frozen=True)
class Hit:
    """A viral hit: whose latest post is offered to many, until when, and to which share."""

    account: int
    until: int
    reach: float


@dataclass(eq=False)
class Impression:
    """A post in a feed, or one that begs pushed out of it."""

    viewer: Account
    post: Post
    route: int
    displaced: bool
