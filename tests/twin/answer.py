"""Phase 5: those notified follow back, notice that they were dropped, and answer."""

from sim.kernels.layout import AccountKind, NoticeKind, Origin, Purpose

from .arithmetic import happens
from .records import Account, Notice
from .state import LATER, State

CONFIDANTS = 3  # of those whom it follows hear from somebody who was dropped
ROUND_RETURN = (Purpose.ROUND_RETURN_WARMTH, Purpose.ROUND_RETURN_IRRITATION)
ROUND_WORD = (Purpose.ROUND_WORD_WARMTH, Purpose.ROUND_WORD_IRRITATION)


def come_back(twin: State) -> None:
    """Deal with the notices that are due."""
    due = sorted(notice for notice in twin.notices if notice.due <= twin.hour)
    twin.notices = [notice for notice in twin.notices if notice.due > twin.hour]
    living = [notice for notice in due if _is_living(twin, notice)]
    returned = [notice for notice in living if _follows_back(twin, notice)]
    for notice in living:
        if notice.kind == NoticeKind.DROPPED:
            _dropped(twin, notice)
        elif notice.kind == NoticeKind.REPLIED:
            _replied(twin, notice)
    for notice in returned:
        target, actor = twin.accounts[notice.target], twin.accounts[notice.actor]
        begun = twin.begin_follow(target, actor, Origin.FOLLOW_BACK)
        twin.hit("return: follow back" if begun else "return: follows by now")


def _is_living(twin: State, notice: Notice) -> bool:
    living = twin.accounts[notice.target].alive and twin.accounts[notice.actor].alive
    if not living:
        twin.hit("return: one is dead")
    return living


def _follows_back(twin: State, notice: Notice) -> bool:
    target, actor = twin.accounts[notice.target], twin.accounts[notice.actor]
    if notice.kind != NoticeKind.FOLLOWED or target.is_following(actor.uid):
        return False
    if target.kind in (AccountKind.FAKE, AccountKind.PROTAGONIST):
        twin.hit("return: not one to follow back")
        return False
    chance = twin.uniform(Purpose.FOLLOW_BACK, target.uid, actor.uid, twin.hour)
    return happens(chance, _odds(twin, target, actor))


def _odds(twin: State, target: Account, actor: Account) -> float:
    behaviour = twin.settings.behaviour
    return float(
        behaviour.follow_back_odds
        * target.follow_back
        * (behaviour.follow_back_floor + _match(twin, target, actor))
        * (1 + twin.kappa * twin.proof(actor.followers))
        + twin.reciprocity(target, actor)
    )


def _match(twin: State, target: Account, actor: Account) -> float:
    topics = [topic for _, topic in actor.profile]
    twin.hit("return: profile" if topics else "return: empty profile")
    topics = topics or [actor.focus]
    return sum(target.interest[topic] for topic in topics) / (255 * len(topics))


def _dropped(twin: State, notice: Notice) -> None:
    tie = twin.accounts[notice.target].tie(notice.actor)
    behaviour = twin.settings.behaviour
    chance = twin.uniform(Purpose.DROP_NOTICED, notice.target, notice.actor, twin.hour)
    if tie is None or not chance < behaviour.drop_noticed:
        twin.hit("return: drop unnoticed" if tie else "return: dropped by a stranger")
        return
    twin.hit("return: drop noticed")
    warmth, irritation = twin.warmth(tie), twin.irritation(tie)
    irritation += behaviour.drop_irritation + warmth
    target = twin.accounts[notice.target]
    twin.keep(target, tie, (warmth, irritation), ROUND_RETURN)
    if behaviour.word_of_mouth > 0:
        for j in range(CONFIDANTS):
            _tell(twin, target, notice.actor, j)


def _tell(twin: State, target: Account, actor: int, j: int) -> None:
    """Let one of those whom the dropped one follows hear of the drop."""

    def word(i: int) -> int:
        time = twin.hour + LATER * (8 * j + i)
        return twin.draw(Purpose.WORD, target.uid, actor, time)

    listener = twin.followee(target, word)
    if listener is None:
        twin.hit("word: nobody to tell")
    elif listener.uid == actor:
        twin.hit("word: told the one who dropped")
    else:
        _hear(twin, listener, target.uid, actor)


def _hear(twin: State, listener: Account, teller: int, actor: int) -> None:
    tie, friendship = listener.tie(actor), listener.tie(teller)
    if tie is None or friendship is None or not twin.warmth(friendship) > 0:
        twin.hit("word: no tie to both" if not (tie and friendship) else "word: no friend")
        return
    twin.hit("word: heard")
    irritation = twin.irritation(tie)
    irritation += twin.settings.behaviour.word_of_mouth * twin.warmth(friendship)
    twin.keep(listener, tie, (twin.warmth(tie), irritation), ROUND_WORD)


def _replied(twin: State, notice: Notice) -> None:
    target, actor = twin.accounts[notice.target], twin.accounts[notice.actor]
    tie = twin.known(target, actor)
    warmth, irritation = twin.warmth(tie), twin.irritation(tie)
    warmth += twin.settings.behaviour.warmth_reply * (1 - warmth)
    twin.keep(target, tie, (warmth, irritation), ROUND_RETURN)
    if target.kind == AccountKind.PROTAGONIST:
        twin.hit("return: reply waits")
        twin.inbox.add((target.uid, actor.uid))
    elif twin.uniform(Purpose.ANSWER, target.uid, actor.uid, twin.hour) < target.answers:
        twin.hit("return: answer")
        twin.answer(target, actor)
    else:
        twin.hit("return: no answer")
