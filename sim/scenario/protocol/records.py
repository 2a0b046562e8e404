"""Entities and their state variables: what each field of a record means, with its unit."""

from typing import Final, NamedTuple

import numpy as np

from sim.kernels import layout
from sim.kernels.layout import Total
from sim.scenario.protocol.markdown import code, table
from sim.world import world

__all__ = ["COUNTERS", "RECORDS", "Field", "Record", "counters", "entities", "pending"]


class Field(NamedTuple):
    """What a state variable is; ``fixed`` if it never changes once the record is made."""

    unit: str
    meaning: str
    fixed: bool = False


class Record(NamedTuple):
    """A kind of record: its type in memory, and its fields by name."""

    kind: np.dtype[np.void]
    fields: dict[str, Field]


_ACCOUNT: Final = {
    "uid": Field("-", "identity, never used again", True),
    "dollars": Field("dollars", "money left to spend"),
    "number": Field("-", "place in the directory; 2³² − 1 if unlisted", True),
    "start": Field("place", "where its list of ties lies in memory; decides nothing"),
    "follows": Field("accounts", "ties that are follows; they come first in the list"),
    "ties": Field("ties", "follows and acquaintances"),
    "followers": Field("accounts", "accounts that follow it"),
    "latest": Field("place", "its latest post in the window; the chain of its posts begins there"),
    "posts": Field("posts", "own posts ever published, reshares not counted"),
    "last_browse": Field("hour", "when it last read its feed"),
    "impressions": Field("impressions", "views of its posts, reshared ones included"),
    "engagements": Field("engagements", "likes, replies and reshares received"),
    "paid": Field("engagements", "of these, what sponsors have looked at already"),
    "blocked_until": Field("hour", "before it, the account may not follow anybody"),
    "interest": Field("1/255", "interest in each topic; 255 in the main one", True),
    "profile_quality": Field("1/4096", "quality of the last five own posts, at `posts` mod 5"),
    "profile_topic": Field("topic", "topics of these posts"),
    "recent": Field("hour", "1 + hours of its latest ten posts, to count repetition by"),
    "size_class": Field("-", "size of its block in memory; decides nothing"),
    "expectation": Field("1/65535", "value that it expects of a post, learned from what it reads"),
    "joined": Field("hour", "when it joined the platform", True),
    "pod": Field("-", "number of the pod that it is in; 0 for none"),
    "kind": Field("code", "`AccountKind`", True),
    "strategy": Field("-", "number of its strategy"),
    "alive": Field("0 or 1", "0 once it was deleted or has left"),
    "tracked": Field("0 or 1", "1 if its follows are kept in the books", True),
    "vendor": Field("-", "number of the vendor that made it, if it is a fake", True),
    "attention": Field("impressions", "posts that it reads in a session", True),
    "focus": Field("topic", "its main topic, on which it mostly posts", True),
    "seeks": Field("0 or 1", "1 if it seeks reciprocity", True),
    "craft": Field("share", "quality of its posts at full effort, before noise", True),
    "sessions": Field("a day", "sessions that it opens", True),
    "rate": Field("a day", "posts that it writes out of habit", True),
    "follow_back": Field("factor", "propensity to follow back, mean 1", True),
    "diligence": Field("probability", "that it unfollows when it has had enough", True),
    "curiosity": Field("factor", "readiness to follow what is interesting, mean 1", True),
    "reshare": Field("factor", "propensity to reshare, mean 1", True),
    "answers": Field("probability", "that it answers a reply", True),
    "offer": Field("factor", "attractiveness of what it sells; 0 for nothing", True),
    "minutes": Field("minutes", "time that it can spend a day", True),
    "popularity": Field("weight", "with which the generator drew it as a followee", True),
    "community": Field("-", "number of its interest community", True),
}
_TIE: Final = {
    "start": Field("hour", "when the follow began"),
    "engaged": Field("hour", "of the last interaction; 0 for never"),
    "touched": Field("hour", "to which warmth and irritation refer"),
    "origin": Field("code", "`Origin` of the follow; no decision reads it"),
    "muted": Field("0 or 1", "1 if the followee's posts are not shown"),
    "warmth": Field("1/255", "how fond the owner is of the other"),
    "irritation": Field("1/64", "how annoyed the owner is by the other; at most 255/64"),
}
_POST: Final = {
    "uid": Field("-", "identity", True),
    "root": Field("-", "uid of the original post; its own unless a reshare", True),
    "author": Field("account", "who put it into feeds", True),
    "creator": Field("account", "who made the original", True),
    "previous": Field("place", "the author's post before; decides nothing by itself", True),
    "seen": Field("impressions", "so far"),
    "engaged": Field("engagements", "likes, replies and reshares so far"),
    "likes": Field("likes", "so far"),
    "hour": Field("hour", "of publication", True),
    "quality": Field("1/4096", "quality", True),
    "spread": Field("1/4096", "quality by which reshares are decided", True),
    "kind": Field("code", "`Kind`", True),
    "topic": Field("topic", "what it is about", True),
    "asks": Field("0 or 1", "1 if it asks for a reshare", True),
    "reshare": Field("0 or 1", "1 if it is a reshare", True),
    "repeat": Field("posts", "of the author in the 24 hours before, at most ten", True),
    "gone": Field("0 or 1", "1 once its creator was deleted"),
    "sells": Field("0 or 1", "1 if its creator has something to sell"),
    "tracked": Field("0 or 1", "1 if its creator's follows are kept in the books"),
}
_NOTICE: Final = {
    "due": Field("hour", "when the target looks", True),
    "target": Field("account", "who is notified", True),
    "actor": Field("account", "of whom", True),
    "kind": Field("code", "`NoticeKind`", True),
}
_SCHEDULE: Final = {
    "uid": Field("-", "identity of the post", True),
    "due": Field("hour", "when it is published", True),
    "author": Field("account", "who planned it", True),
    "day": Field("day", "on which it was planned", True),
    "order": Field("-", "place in the day's plan", True),
    "effort": Field("minutes/10", "that go into it", True),
    "kind": Field("code", "`Kind`", True),
    "topic": Field("topic", "255 to let the author's focus decide", True),
    "flags": Field("bits", "1 asks for a reshare, 2 has the coins and the spread of a beg", True),
}
_PLAN: Final = {
    "actor": Field("account", "who acts", True),
    "seq": Field("-", "order among the rows of the actor", True),
    "verb": Field("code", "`Verb`", True),
    "kind": Field("code", "of a post: `Kind`", True),
    "target": Field("account", "whom it concerns; of a purchase the vendor's number", True),
    "topic": Field("topic", "of a post; 255 to let the author's focus decide", True),
    "flags": Field(
        "bits",
        "of a post: 1 asks for a reshare, 2 as a beg; of a follow: 1 for follow-for-follow; "
        "of a like or comment: 4 by arrangement",
        True,
    ),
    "effort": Field("minutes/10", "of a post", True),
    "amount": Field("followers", "of a purchase", True),
}
_NEED: Final = {
    "asker": Field("account", "who has voiced it", True),
    "hour": Field("hour", "when", True),
    "topic": Field("topic", "what it is about", True),
}
_VIRAL: Final = {
    "row": Field("account", "whose latest post is offered", True),
    "until": Field("hour", "until when", True),
    "reach": Field("probability", "that it is offered to somebody who browses", True),
}
_WAITING: Final = {
    "target": Field("account", "the protagonist who was replied to", True),
    "actor": Field("account", "who has replied and waits for an answer", True),
}
_ORDER: Final = {
    "vendor": Field("-", "number of the vendor", True),
    "buyer": Field("account", "who has paid", True),
    "amount": Field("followers", "ordered", True),
    "day": Field("day", "of the order", True),
    "first": Field("followers", "that the buyer had ordered before", True),
}
_BOUGHT: Final = {
    "author": Field("uid", "who sold", True),
    "viewer": Field("uid", "who bought", True),
    "hour": Field("hour", "when", True),
}

RECORDS: Final = {
    "account": Record(layout.ACCOUNT, _ACCOUNT),
    "tie": Record(layout.TIE, _TIE),
    "post": Record(layout.POST, _POST),
    "notice": Record(layout.NOTICE, _NOTICE),
    "scheduled post": Record(layout.SCHEDULE, _SCHEDULE),
    "row of a plan": Record(layout.PLAN, _PLAN),
    "need": Record(layout.NEED, _NEED),
    "viral hit": Record(layout.VIRAL, _VIRAL),
    "reply that waits": Record(world.WAITING, _WAITING),
    "order": Record(world.ORDER, _ORDER),
    "sale": Record(world.BOUGHT, _BOUGHT),
}
"""All kinds of records that make up the state of a world."""

COUNTERS: Final = {
    Total.RECENT_IMPRESSIONS: Field("impressions", "of about the last 28 days"),
    Total.RECENT_ENGAGEMENTS: Field("engagements", "of about the last 28 days"),
    Total.IMPRESSIONS: Field("impressions", "ever"),
    Total.VALUE: Field("1/(4096·255)", "value of all impressions"),
    Total.BEG_IMPRESSIONS: Field("impressions", "that showed begs"),
    Total.PROMOTION_IMPRESSIONS: Field("impressions", "that showed promotions"),
    Total.VALUE_LOST: Field("1/(4096·255)", "value of the posts that begs displaced"),
    Total.LIKES: Field("likes", "ever, planned ones included"),
    Total.REPLIES: Field("replies", "ever, planned comments included"),
    Total.RESHARES: Field("reshares", "ever decided"),
    Total.FOLLOWS: Field("follows", "that ever began, the first ones not counted"),
    Total.UNFOLLOWS: Field("unfollows", "by reaction or plan"),
    Total.MUTES: Field("mutes", "ever"),
    Total.SESSIONS: Field("sessions", "ever opened"),
    Total.OLDEST_POST: Field("place", "of the oldest post in memory; decides nothing"),
    Total.NEXT_POST: Field("place", "of the next post in memory; decides nothing"),
    Total.ARRANGED: Field("engagements", "likes and comments by arrangement"),
    Total.NEEDS: Field("needs", "ever voiced"),
    Total.HELPED: Field("needs", "ever met"),
    Total.IMITATIONS: Field("times", "that a strategy was copied"),
    Total.BORNE: Field("times", "that somebody had had enough and did nothing"),
}
"""The counters of the platform; `Total.SIZE` is how many there are."""

_ENTITIES: Final = ("account", "tie", "post")


def entities() -> str:
    """Return the tables of the entities: accounts, ties and posts."""
    return "\n\n".join(_section(name) for name in _ENTITIES)


def pending() -> str:
    """Return one table of what is pending between phases and ticks."""
    rows = [
        (name, _stored(record.kind, field), told.unit, told.meaning)
        for name, record in RECORDS.items()
        if name not in _ENTITIES
        for field, told in record.fields.items()
    ]
    return table("of a | field | unit | meaning", rows)


def counters() -> str:
    """Return the table of the platform's counters."""
    rows = ((code(total.name), told.unit, told.meaning) for total, told in COUNTERS.items())
    return table("counter | unit | meaning", rows)


def _section(name: str) -> str:
    record = RECORDS[name]
    rows = (
        (_stored(record.kind, field), told.unit, "" if told.fixed else "yes", told.meaning)
        for field, told in record.fields.items()
    )
    title = f"**{name.capitalize()}** ({record.kind.itemsize} bytes)"
    return f"{title}\n\n{table('field | unit | changes | meaning', rows)}"


def _stored(kind: np.dtype[np.void], name: str) -> str:
    """Return a field's name and how it is stored: `craft` f4, `interest` 8 × u1."""
    stored = kind[name]
    many = "".join(f"{size} × " for size in stored.shape)
    return f"{code(name)} {many}{stored.base.str.lstrip('<|')}"
