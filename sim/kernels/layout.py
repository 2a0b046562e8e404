"""How the world lies in memory: record types, codes and scales shared by all kernels.

Everything that a kernel touches together lies together, so an account is one record, a tie
is one record, a post is one record. Values that decide something are quantised when they
are stored, so that neither the order of additions nor a library changes a bit.
"""

from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

TOPICS: Final = 8
PROFILE: Final = 5  # posts that a visitor of a profile sees
ACQUAINTANCES: Final = 64  # remembered ties that are not follows, per account
NEVER: Final = 0  # "engaged" of a tie that has seen no interaction
KINDS: Final = 5  # of posts, see Kind
MOST_REPEATS: Final = 10  # earlier posts of a day beyond which nobody counts
NO_POST: Final = 0  # post sequence numbers start at 1
NO_ROW: Final = 0xFFFFFFFF
NO_BLOCK: Final = 255  # size class of an account without a list
SIZE_CLASSES: Final = 112  # blocks of 4 up to 1.8 G ties, four sizes an octave
MAX_ATTENTION: Final = 255  # impressions in one tick
MAX_HOURS: Final = 0xFFFF

QUALITY: Final = 4096.0  # stored quality of a perfect post
INTEREST: Final = 255.0  # stored interest in one's main topic
EXPECTATION: Final = 65535.0  # stored expectation of value 1
WARMTH: Final = 255.0  # stored warmth 1
IRRITATION: Final = 64.0  # stored irritation 1; the store holds up to 255 / 64
KEEP: Final = 8  # stored warmth + irritation from which an ended follow is remembered


class Origin(IntEnum):
    """How a follow came about. No decision may read it."""

    INITIAL = 0
    CONTENT = 1
    RESHARE = 2
    RECOMMENDATION = 3
    BEGGING = 4
    FOLLOW_BACK = 5
    FOLLOW_FOR_FOLLOW = 6
    BOUGHT = 7
    HELP = 8


class Kind(IntEnum):
    """What a post is."""

    CONTENT = 0
    SELF_TALK = 1
    PROMOTION = 2
    BEG = 3
    HELP = 4


class Route(IntEnum):
    """How a post came into a feed."""

    FOLLOWEE = 0
    RESHARE = 1
    FRIEND = 2
    TOPIC = 3
    POPULAR = 4
    VIRAL = 5


class Verb(IntEnum):
    """What an account does, as a row of a plan or of the decisions of a tick."""

    POST = 0
    FOLLOW = 1
    UNFOLLOW = 2
    REPLY = 3
    BUY = 4
    MUTE = 5
    LIKE = 6
    RESHARE = 7
    SALE = 8
    SEEN = 9
    COMMENT = 10  # a reply that was planned, to somebody's latest post
    HELP = 11  # an answer to a need
    JOIN = 12  # become a member of a pod
    BEAR = 13  # have had enough, and do nothing


class Cause(IntEnum):
    """Why a follow ended or was muted."""

    LOW_VALUE = 0
    REPETITION = 1
    SELF_TALK = 2
    PROMOTION = 3
    BEGGING = 4
    OVERLOAD = 5
    NO_RETURN = 6
    STRATEGY = 7
    SWEEP = 8
    DECAY = 9
    DETECTION = 10
    DEPARTURE = 11


class AccountKind(IntEnum):
    """What sort of account a row is."""

    ORDINARY = 0
    ARRIVAL = 1
    PROTAGONIST = 2
    FAKE = 3


class NoticeKind(IntEnum):
    """What an account is notified of."""

    FOLLOWED = 0
    DROPPED = 1
    REPLIED = 2


class Purpose(IntEnum):
    """What a draw decides; part of its key. Numbers are never reused."""

    SESSION = 1
    CHRONOLOGICAL = 2
    RANK = 3
    FRIEND_OR_TOPIC = 4
    FRIEND = 5
    FRIEND_OF_FRIEND = 6
    TOPIC = 7
    SPOT = 8
    LIKE = 9
    REPLY = 10
    RESHARE = 11
    FOLLOW = 12
    LEAVE = 13
    DILIGENCE = 14
    MUTE = 15
    SALE = 16
    ROUND_EXPECTATION = 17
    ROUND_WARMTH = 18
    ROUND_IRRITATION = 19
    FOLLOW_BACK = 20
    DROP_NOTICED = 21
    ANSWER = 22
    POST_HOUR = 23
    POST_TOPIC = 24
    POST_NOISE = 25
    POST_COUNT = 26
    POST_KIND = 27
    DECAY = 28
    SWEEP = 29
    TARGET = 30
    ARRIVAL = 31
    ARRIVAL_FOLLOW = 32
    JOIN = 33
    ROUND_RETURN_WARMTH = 34
    ROUND_RETURN_IRRITATION = 35
    ROUND_ANSWER_WARMTH = 36
    STRATEGY = 37
    POPULAR = 38
    POPULAR_FOLLOWEE = 39
    VIRAL = 40
    PROFILE = 41
    NEED = 42
    NEED_TOPIC = 43
    HELP = 44
    HELP_NOISE = 45
    HELP_FOLLOW = 46
    ROUND_HELP_WARMTH = 47
    ROUND_HELP_IRRITATION = 48
    WORD = 49
    ROUND_WORD_WARMTH = 50
    ROUND_WORD_IRRITATION = 51
    DEPARTURE = 52
    DETECTION = 53
    CLIENT = 54
    CUSTOMER = 55
    IMITATE = 56
    IMITATE_WHOM = 57
    POD = 58
    ROUND_PLAN_WARMTH = 59
    ROUND_PLAN_IRRITATION = 60
    SESSION_HOUR = 61
    # the making of the world
    PERSON = 64
    BASE_FOLLOW = 66
    CLOSURE = 67
    RECIPROCATION = 68
    LAW = 69
    ROWS = 70


ACCOUNT: Final = np.dtype(
    [
        ("uid", "u8"),
        ("dollars", "f8"),  # left to spend
        ("number", "u4"),  # place in the directory; NO_ROW if unlisted
        ("start", "u4"),  # first tie in the pool
        ("follows", "u4"),  # ties that are follows; they come first
        ("ties", "u4"),  # follows and acquaintances
        ("followers", "u4"),
        ("latest", "u4"),  # sequence number of the latest post in the window
        ("posts", "u4"),  # own posts ever published, reshares not counted
        ("last_browse", "u4"),  # hour
        ("impressions", "u4"),  # views of this account's posts, reshared ones included
        ("engagements", "u4"),  # likes, replies and reshares received
        ("paid", "u4"),  # of these, what sponsors have looked at already
        ("blocked_until", "u4"),  # hour before which it may not follow
        ("interest", "u1", (TOPICS,)),  # per topic; the main topic has 255
        ("profile_quality", "u2", (PROFILE,)),  # the last own posts, at posts mod PROFILE
        ("profile_topic", "u1", (PROFILE,)),
        ("recent", "u2", (MOST_REPEATS,)),  # 1 + hours of its latest posts, the latest first
        ("size_class", "u1"),  # of the block in the pool
        ("expectation", "u2"),
        ("joined", "u2"),  # hour
        ("pod", "u2"),  # number of its pod; 0 for none
        ("kind", "u1"),
        ("strategy", "u1"),
        ("alive", "u1"),
        ("tracked", "u1"),
        ("vendor", "u1"),
        ("attention", "u1"),  # impressions a session
        ("focus", "u1"),  # main topic of what it posts
        ("seeks", "u1"),  # 1 if it seeks reciprocity
        ("craft", "f4"),
        ("sessions", "f4"),  # a day
        ("rate", "f4"),  # ordinary posts a day
        ("follow_back", "f4"),  # propensity, mean 1
        ("diligence", "f4"),  # probability
        ("curiosity", "f4"),  # mean 1
        ("reshare", "f4"),  # propensity, mean 1
        ("answers", "f4"),  # probability
        ("offer", "f4"),  # attractiveness of what it sells; 0 for nothing
        ("minutes", "f4"),  # budget a day
        ("popularity", "f4"),  # weight with which the generator drew it
        ("community", "u4"),
    ],
    align=True,
)

TIE: Final = np.dtype(
    [
        ("start", "u2"),  # hour of the follow
        ("engaged", "u2"),  # hour of the last interaction, or NEVER
        ("touched", "u2"),  # hour to which warmth and irritation refer
        ("origin", "u1"),
        ("muted", "u1"),
        ("warmth", "u1"),
        ("irritation", "u1"),
    ],
    align=True,
)

POST: Final = np.dtype(
    [
        ("uid", "u8"),
        ("root", "u8"),  # uid of the original post; its own uid unless a reshare
        ("author", "u4"),  # row of who put it in the feed
        ("creator", "u4"),  # row of who made the original
        ("previous", "u4"),  # sequence number of the author's post before
        ("seen", "u4"),  # impressions
        ("engaged", "u4"),  # likes, replies and reshares
        ("likes", "u4"),
        ("hour", "u2"),
        ("quality", "u2"),
        ("spread", "u2"),  # quality by which reshares are decided
        ("kind", "u1"),
        ("topic", "u1"),
        ("asks", "u1"),  # 1 if it asks for a reshare
        ("reshare", "u1"),  # 1 if a reshare
        ("repeat", "u1"),  # posts of the author in the 24 hours before
        ("gone", "u1"),  # 1 once its creator was deleted
        ("sells", "u1"),  # 1 if its creator has something to sell
        ("tracked", "u1"),  # 1 if its creator is tracked
    ],
    align=True,
)

WALL: Final = np.dtype(
    [
        ("uid", "u8"),
        ("weight", "f8"),  # ranking weight as far as it is the same for all viewers
        ("post", "u4"),  # sequence number
        ("creator", "u4"),
        ("hour", "u2"),
        ("kind", "u1"),
        ("reshare", "u1"),
        ("topic", "u1"),
    ],
    align=True,
)

IMPRESSION: Final = np.dtype(
    [
        ("viewer", "u4"),
        ("post", "u4"),  # sequence number
        ("tie", "u4"),  # index into the pool, or NO_ROW
        ("route", "u1"),
        ("displaced", "u1"),  # 1: not shown, but would have been without begs
    ],
    align=True,
)

DECISION: Final = np.dtype(
    [
        ("actor", "u4"),
        ("target", "u4"),
        ("post", "u4"),
        ("verb", "u1"),
        ("label", "u1"),  # origin of a follow, cause of an unfollow or mute
    ],
    align=True,
)

NOTICE: Final = np.dtype(
    [("due", "u4"), ("target", "u4"), ("actor", "u4"), ("kind", "u1")], align=True
)

SCHEDULE: Final = np.dtype(
    [
        ("uid", "u8"),
        ("due", "u4"),  # hour
        ("author", "u4"),
        ("day", "u4"),
        ("order", "u4"),  # place in the day's plan
        ("effort", "u2"),
        ("kind", "u1"),
        ("topic", "u1"),
        ("flags", "u1"),
    ],
    align=True,
)

PLAN: Final = np.dtype(
    [
        ("actor", "u4"),
        ("seq", "u2"),
        ("verb", "u1"),
        ("kind", "u1"),
        ("target", "u4"),
        ("topic", "u1"),  # ANY_TOPIC to let the account's focus decide
        ("flags", "u1"),  # ASKS, AS_BEG
        ("effort", "u2"),  # tenths of a minute
        ("amount", "u4"),
    ],
    align=True,
)
ANY_TOPIC: Final = 255
ASKS: Final = 1  # the post asks for a reshare
AS_BEG: Final = 2  # the post has the coins and the spread of a beg (placebo)
FOR_FOLLOW: Final = 1  # of a follow: the label of its origin
ARRANGED: Final = 4  # of a like or comment: it was arranged in a pod

NEED: Final = np.dtype([("asker", "u4"), ("hour", "u4"), ("topic", "u1")], align=True)
VIRAL: Final = np.dtype([("row", "u4"), ("until", "u4"), ("reach", "f8")], align=True)


class Refusal(IntEnum):
    """Why a row of a plan was refused."""

    ACCEPTED = 0
    POINTLESS = 1
    LIMIT = 2
    MINUTES = 3
    MONEY = 4


# Coefficients as the kernels read them: one float64 record, filled by `world.params`.
PARAMS: Final = np.dtype(
    [
        (name, "f8")
        for name in (
            "like_odds like_epsilon like_warmth reply_factor reshare_factor asking_factor "
            "follow_odds reciprocity_odds follow_back_odds follow_back_floor social_proof "
            "expectation_memory irritation_gain repetition distaste_self_talk "
            "distaste_promotion distaste_beg leave_hazard leave_warmth mute warmth_like "
            "warmth_reply warmth_answer warm drop_noticed drop_irritation sale_odds "
            "sale_warmth sale_proof tick_hours lag_hours window_hours return_hours "
            "chronological_share reach_per_follower follower_reach prior_impressions "
            "freshness_hours rank_warmth recommendations recommendation_weight friend_share "
            "focus proof_step effort_self_talk effort_beg effort_promotion popularity_share "
            "profile_checks follow_warmth overload hope hope_hours word_of_mouth warmth_help "
            "help_irritation arranged_warmth"
        ).split()
    ]
)

# What acts cost in minutes and what the platform allows, filled by `world.rules`.
RULES: Final = np.dtype(
    [
        (name, "f8")
        for name in (
            "self_talk promotion beg reply follow purchase help like follows_per_day "
            "follow_cap follow_ratio churn_limit churn_block_hours pods"
        ).split()
    ]
)


class Tables(NamedTuple):
    """Look-ups that replace exp and log."""

    warmth: NDArray[np.float64]  # decay of warmth after so many hours, 16,384 entries
    irritation: NDArray[np.float64]  # decay of irritation, likewise
    proof: NDArray[np.float64]  # log2(1 + n) / 10 for n = 0 .. 4,095


class State(NamedTuple):
    """The arrays that make up a world, as the kernels take them.

    ``follow_ids[i]`` and ``ties[i]`` are one tie: the row of the other account and its
    record. Account ``a`` owns entries ``a.start`` to ``a.start + a.ties - 1``; the first
    ``a.follows`` are follows, the rest are acquaintances.
    """

    accounts: NDArray[np.void]  # ACCOUNT
    follow_ids: NDArray[np.uint32]
    ties: NDArray[np.void]  # TIE
    free: NDArray[np.uint32]  # per size class: the first free block, or NO_ROW
    cursor: NDArray[np.int64]  # [0]: where the untouched part of the pool begins
    posts: NDArray[np.void]  # POST, ring indexed by sequence number & mask
    directory: NDArray[np.uint32]  # number -> row or NO_ROW; length a power of two
    totals: NDArray[np.int64]  # platform counters, see Total


class Wall(NamedTuple):
    """What can be seen in one tick: the posts of the window, by author, latest first.

    Made anew each tick. ``start[a]`` to ``start[a + 1] - 1`` are the posts of row a;
    ``spots[topic]`` lists places in ``posts`` where people look by topic, or NO_ROW.
    """

    start: NDArray[np.uint32]  # (rows + 1,)
    posts: NDArray[np.void]  # WALL
    spots: NDArray[np.uint32]  # (TOPICS, power of two)


class Total(IntEnum):
    """Counters of the platform, in `State.totals`; values are sums of quality x interest."""

    RECENT_IMPRESSIONS = 0
    RECENT_ENGAGEMENTS = 1
    IMPRESSIONS = 2
    VALUE = 3
    BEG_IMPRESSIONS = 4
    PROMOTION_IMPRESSIONS = 5
    VALUE_LOST = 6
    LIKES = 7
    REPLIES = 8
    RESHARES = 9
    FOLLOWS = 10
    UNFOLLOWS = 11
    MUTES = 12
    SESSIONS = 13
    OLDEST_POST = 14  # sequence number of the oldest post that can still be read
    NEXT_POST = 15  # sequence number of the next post
    ARRANGED = 16  # likes and comments by arrangement
    NEEDS = 17  # needs voiced
    HELPED = 18  # needs met
    IMITATIONS = 19  # strategies copied
    BORNE = 20  # times that somebody had enough and did nothing
    SIZE = 21
