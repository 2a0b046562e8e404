"""Phase 2: what is due enters the chains."""

from sim.kernels.layout import ANY_TOPIC, AS_BEG, ASKS, Purpose

from .arithmetic import quality_of
from .records import Account, Due, Post
from .state import State


def publish(twin: State) -> None:
    """Publish the posts due before the next tick."""
    end = twin.hour + twin.tick_hours
    due = [entry for entry in twin.schedule if entry.due < end]
    twin.schedule = [entry for entry in twin.schedule if entry.due >= end]
    for entry in sorted(due, key=lambda entry: (entry.due, entry.author, entry.order)):
        author = twin.accounts[entry.author]
        if author.alive:
            _publish(twin, author, entry)
        else:
            twin.hit("publish: author is dead")


def _publish(twin: State, author: Account, entry: Due) -> None:
    quality, spread = _qualities(twin, author, entry)
    topic = _topic(twin, author, entry)
    asks = int(bool(entry.flags & ASKS))
    repeat = twin.repeat(author, entry.due)
    post = Post(
        uid=entry.uid,
        root=entry.uid,
        author=author.uid,
        creator=author.uid,
        hour=entry.due,
        quality=quality,
        spread=spread,
        kind=entry.kind,
        topic=topic,
        asks=asks,
        reshare=0,
        repeat=repeat,
    )
    author.chain.append(post)
    author.profile_quality[author.posts % 5] = quality
    author.profile_topic[author.posts % 5] = topic
    author.posts += 1
    twin.hit(f"publish: kind {entry.kind}{' asks' * asks}")


def _topic(twin: State, author: Account, entry: Due) -> int:
    if entry.topic != ANY_TOPIC:
        twin.hit("topic: planned")
        return entry.topic
    time = 24 * entry.day
    chance = twin.uniform(Purpose.POST_TOPIC, author.uid, entry.uid, time)
    if chance < twin.settings.population.focus:
        twin.hit("topic: focus")
        return author.focus
    topic = twin.draw(Purpose.POST_TOPIC, author.uid, entry.uid, time + 1) >> 61
    if topic < twin.settings.world.topics:
        twin.hit("topic: any")
        return topic
    twin.hit("topic: none such")
    return author.focus


def _qualities(twin: State, author: Account, entry: Due) -> tuple[int, int]:
    noise = 0.5 + twin.uniform(Purpose.POST_NOISE, author.uid, entry.uid, 24 * entry.day)
    quality = quality_of(author.craft, twin.price_of_post(entry.kind, 0, entry.effort), noise)
    if quality == 4096:
        twin.hit("quality: full")
    if not entry.flags & AS_BEG:
        return quality, quality
    twin.hit("publish: as a beg")
    return quality, quality_of(author.craft, twin.settings.behaviour.prices.beg, noise)
