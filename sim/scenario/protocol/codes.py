"""The codes of the model: numbers and meanings, and the keys of every draw."""

from enum import IntEnum
from typing import Final

from sim.kernels.layout import (
    AccountKind,
    Cause,
    Kind,
    NoticeKind,
    Origin,
    Purpose,
    Refusal,
    Route,
    Verb,
)
from sim.scenario.protocol.markdown import code, table

__all__ = ["MEANINGS", "PURPOSES", "codes", "purposes"]

MEANINGS: Final[dict[type[IntEnum], dict[IntEnum, str]]] = {
    AccountKind: {
        AccountKind.ORDINARY: "there from the start",
        AccountKind.ARRIVAL: "joined the platform later",
        AccountKind.PROTAGONIST: "a newcomer whose growth is followed",
        AccountKind.FAKE: "made by a vendor",
    },
    Origin: {
        Origin.INITIAL: "laid when the network was made, or when a protagonist joined",
        Origin.CONTENT: "after a post that was followed, found by topic or gone viral; or planned",
        Origin.RESHARE: "after a post that a followee had reshared",
        Origin.RECOMMENDATION: "after a post recommended by friends or popularity; or on joining",
        Origin.BEGGING: "after a beg, however it came into the feed",
        Origin.FOLLOW_BACK: "in return for a follow",
        Origin.FOLLOW_FOR_FOLLOW: "planned, in the hope of a return",
        Origin.BOUGHT: "by a fake",
        Origin.HELP: "by somebody whose need was met",
    },
    Kind: {
        Kind.CONTENT: "something of interest",
        Kind.SELF_TALK: "about oneself",
        Kind.PROMOTION: "advertises one's offer",
        Kind.BEG: "asks for followers and reshares",
        Kind.HELP: "an answer to a need",
    },
    Route: {
        Route.FOLLOWEE: "a followee wrote it",
        Route.RESHARE: "a followee reshared it",
        Route.FRIEND: "recommended: a followee follows its author",
        Route.TOPIC: "recommended: found by topic",
        Route.POPULAR: "recommended: its author drawn in proportion to followers",
        Route.VIRAL: "offered as a viral hit",
    },
    Verb: {
        Verb.POST: "plans a post",
        Verb.FOLLOW: "follows",
        Verb.UNFOLLOW: "unfollows",
        Verb.REPLY: "as a reaction: replies; in a plan: answers a reply",
        Verb.BUY: "orders fakes",
        Verb.MUTE: "mutes",
        Verb.LIKE: "likes",
        Verb.RESHARE: "reshares",
        Verb.SALE: "buys what the creator of a post offers",
        Verb.SEEN: "has seen a post (for the books only)",
        Verb.COMMENT: "comments on somebody's fresh post, as planned",
        Verb.HELP: "answers a need",
        Verb.JOIN: "joins a pod",
        Verb.BEAR: "has had enough, and does nothing",
    },
    Cause: {
        Cause.LOW_VALUE: "less value than expected, in content or help",
        Cause.REPETITION: "too many posts of the same author",
        Cause.SELF_TALK: "less value than expected, or distaste, in self-talk",
        Cause.PROMOTION: "the same in promotion",
        Cause.BEGGING: "the same in a beg",
        Cause.OVERLOAD: "a feed too full to read",
        Cause.NO_RETURN: "a follow that was not returned",
        Cause.STRATEGY: "planned by a strategy",
        Cause.SWEEP: "deleted in a sweep",
        Cause.DECAY: "a fake that vanished by itself",
        Cause.DETECTION: "a fake that the platform found from day to day",
        Cause.DEPARTURE: "left the platform",
    },
    NoticeKind: {
        NoticeKind.FOLLOWED: "somebody has followed it",
        NoticeKind.DROPPED: "somebody has unfollowed it",
        NoticeKind.REPLIED: "somebody has replied to it",
    },
    Refusal: {
        Refusal.ACCEPTED: "not refused",
        Refusal.POINTLESS: "it would change nothing",
        Refusal.LIMIT: "the platform forbids it",
        Refusal.MINUTES: "no time left today",
        Refusal.MONEY: "no money left",
    },
}
"""What each code means, by its class."""

_SEEN: Final = "viewer, post, h"
_LOOK: Final = "viewer, 8j + t, h"
_PAIR: Final = "target, actor, h"
_SIDES: Final = "owner, other, h"

PURPOSES: Final = {
    Purpose.SESSION: ("whether one session more is opened", "viewer, 0, block of six hours"),
    Purpose.SESSION_HOUR: ("hour of the i-th session", "viewer, i, block of six hours"),
    Purpose.CHRONOLOGICAL: ("whether the feed is chronological", "viewer, 0, h"),
    Purpose.RANK: ("place of a post in the feed", _SEEN),
    Purpose.FRIEND_OR_TOPIC: ("route of the j-th recommendation", "viewer, j, h"),
    Purpose.FRIEND: ("followee of the viewer", _LOOK),
    Purpose.FRIEND_OF_FRIEND: ("followee of that followee", _LOOK),
    Purpose.TOPIC: ("topic looked for", _LOOK),
    Purpose.SPOT: ("spot looked at", _LOOK),
    Purpose.LIKE: ("like", _SEEN),
    Purpose.REPLY: ("reply", _SEEN),
    Purpose.RESHARE: ("reshare", _SEEN),
    Purpose.FOLLOW: ("follow of the creator", _SEEN),
    Purpose.LEAVE: ("having had enough", _SEEN),
    Purpose.DILIGENCE: ("unfollow, then", _SEEN),
    Purpose.MUTE: ("mute, if not", _SEEN),
    Purpose.SALE: ("purchase of what the creator offers", _SEEN),
    Purpose.ROUND_EXPECTATION: ("rounding of expectation", _SEEN),
    Purpose.ROUND_WARMTH: ("rounding of warmth", _SEEN),
    Purpose.ROUND_IRRITATION: ("rounding of irritation", _SEEN),
    Purpose.FOLLOW_BACK: ("follow-back", _PAIR),
    Purpose.DROP_NOTICED: ("whether a drop is noticed", _PAIR),
    Purpose.ANSWER: ("whether a reply is answered", _PAIR),
    Purpose.POST_HOUR: ("hour of a planned post", "author, post, 24·day"),
    Purpose.POST_TOPIC: (
        "topic of a post (focus or not; which other)",
        "author, post, 24·day + 0, 1",
    ),
    Purpose.POST_NOISE: ("noise of a post's quality", "author, post, 24·day"),
    Purpose.POST_COUNT: ("one habitual post more", "author, 0, h"),
    Purpose.POST_KIND: ("habitual post is self-talk", "author, slot, h"),
    Purpose.DECAY: ("a fake vanishes", "fake, 0, h"),
    Purpose.SWEEP: ("a sweep deletes", "account, 0, h"),
    Purpose.TARGET: ("looks of strategies; places on their spots", "see What strategies see"),
    Purpose.ARRIVAL: ("one newcomer more", "0, 0, h"),
    Purpose.ARRIVAL_FOLLOW: ("whom a newcomer follows", "newcomer, base + t, h"),
    Purpose.JOIN: ("a protagonist's first followers", "protagonist, k, 0"),
    Purpose.ROUND_RETURN_WARMTH: ("rounding of warmth on a notice", _PAIR),
    Purpose.ROUND_RETURN_IRRITATION: ("rounding of irritation on a notice", _PAIR),
    Purpose.ROUND_ANSWER_WARMTH: ("rounding after an answer", "owner, other, h + 0, 65536"),
    Purpose.STRATEGY: ("coins of strategies", "account, label, h"),
    Purpose.POPULAR: ("somebody of the directory", _LOOK),
    Purpose.POPULAR_FOLLOWEE: ("a followee of that account", _LOOK),
    Purpose.VIRAL: ("whether a viral hit is offered", "viewer, account, h"),
    Purpose.PROFILE: ("whether the profile is looked at", f"{_SEEN}; asker, helper, h"),
    Purpose.NEED: ("whether a need is voiced", "account, 0, h"),
    Purpose.NEED_TOPIC: ("topic of a need", "account, t, h"),
    Purpose.HELP: ("whether an answer helps", "helper, asker, h"),
    Purpose.HELP_NOISE: ("noise of the answer's quality", "helper, asker, h"),
    Purpose.HELP_FOLLOW: ("follow by somebody who was helped", "asker, helper, h"),
    Purpose.ROUND_HELP_WARMTH: ("rounding of warmth after help", _SIDES),
    Purpose.ROUND_HELP_IRRITATION: ("rounding of irritation after help", _SIDES),
    Purpose.WORD: ("who hears of a drop", "target, actor, h + 65536·(8j + i)"),
    Purpose.ROUND_WORD_WARMTH: ("rounding of warmth of who hears", "listener, actor, h"),
    Purpose.ROUND_WORD_IRRITATION: ("rounding of irritation of who hears", "listener, actor, h"),
    Purpose.DEPARTURE: ("an account leaves the platform", "account, 0, h"),
    Purpose.DETECTION: ("a fake is found", "fake, 0, h"),
    Purpose.CLIENT: ("being a customer of a vendor", "account, vendor, 0"),
    Purpose.CUSTOMER: ("whom else a fake follows", "fake, 8j + t, h"),
    Purpose.IMITATE: ("comparing oneself", "account, 0, h"),
    Purpose.IMITATE_WHOM: ("with whom", "account, t, h"),
    Purpose.POD: ("which pod is joined", "account, 0, 0"),
    Purpose.ROUND_PLAN_WARMTH: ("rounding of warmth after a planned like", "actor, target, h"),
    Purpose.ROUND_PLAN_IRRITATION: ("rounding of irritation likewise", "actor, target, h"),
    Purpose.PERSON: ("traits", "account, i, 0"),
    Purpose.BASE_FOLLOW: ("first follows by popularity", "account, 4·slot + t, 0"),
    Purpose.CLOSURE: ("first follows that close triangles", "account, 4·slot + t, 0"),
    Purpose.RECIPROCATION: ("whether a first follow is returned", "follower, followee, 0"),
    Purpose.LAW: ("first follows by the simple laws", "see III.ii"),
    Purpose.ROWS: ("order in memory, for a test that it changes nothing", "number, 0, 0"),
}
"""What each draw decides, and the keys a, b and time of it."""


def codes() -> str:
    """Return one table of all codes but the purposes of draws."""
    rows = [
        (kind.__name__, str(int(member)), code(member.name), meaning)
        for kind, meanings in MEANINGS.items()
        for member, meaning in meanings.items()
    ]
    return table("code | number | name | meaning", rows)


def purposes() -> str:
    """Return the table of the purposes of draws."""
    rows = (
        (str(int(purpose)), code(purpose.name), what, keys)
        for purpose, (what, keys) in PURPOSES.items()
    )
    return table("number | purpose | decides | a, b, time", rows)
