"""Phase 4, feelings: what an impression does to the viewer's tie, and who has had enough."""

from sim.kernels.layout import IRRITATION, WARMTH, Cause, Kind, Purpose

from .arithmetic import store
from .gaze import Decisions, Gaze
from .records import Tie

KIND_AS_CAUSE = {
    Kind.SELF_TALK: Cause.SELF_TALK,
    Kind.PROMOTION: Cause.PROMOTION,
    Kind.BEG: Cause.BEGGING,
}


def feel(gaze: Gaze, tie: Tie, decisions: Decisions) -> None:
    """Let an impression move a tie; decisions learn whether the viewer has had enough."""
    terms = _terms(gaze, tie)
    total = 0.0
    for term in _disappointments(gaze) + terms[1:]:
        total += term
    irritation = gaze.irritation + gaze.twin.settings.behaviour.irritation_gain * total
    if gaze.viewer.is_following(tie.other):
        _lose_patience(gaze, irritation, decisions)
        decisions.cause = _causes(gaze)[terms.index(max(terms))]
    else:
        gaze.twin.hit("react: acquaintance")
    warmth = _warmed(gaze, decisions)
    if decisions.like or decisions.reply or decisions.reshare:
        tie.engaged = gaze.twin.hour
    tie.warmth = store(warmth, WARMTH, 255, gaze.uniform(Purpose.ROUND_WARMTH))
    tie.irritation = store(irritation, IRRITATION, 255, gaze.uniform(Purpose.ROUND_IRRITATION))
    tie.touched = gaze.twin.hour


def _causes(gaze: Gaze) -> tuple[Cause, ...]:
    """What each term stands for."""
    kind = KIND_AS_CAUSE.get(Kind(gaze.post.kind), Cause.LOW_VALUE)
    return kind, Cause.REPETITION, Cause.OVERLOAD, Cause.NO_RETURN


def _terms(gaze: Gaze, tie: Tie) -> list[float]:
    behaviour = gaze.twin.settings.behaviour
    disappointment, distaste = _disappointments(gaze)
    return [
        disappointment + distaste,
        float(behaviour.repetition * gaze.post.repeat),
        float(behaviour.overload * gaze.crowding),
        _lost_hope(gaze, tie),
    ]


def _disappointments(gaze: Gaze) -> list[float]:
    behaviour = gaze.twin.settings.behaviour
    distaste = {
        Kind.SELF_TALK: behaviour.distaste_self_talk,
        Kind.PROMOTION: behaviour.distaste_promotion,
        Kind.BEG: behaviour.distaste_beg,
    }
    disappointment = max(0.0, gaze.expectation - gaze.value)
    return [disappointment, float(distaste.get(Kind(gaze.post.kind), 0.0))]


def _lost_hope(gaze: Gaze, tie: Tie) -> float:
    """What it costs a seeker of reciprocity that somebody has not followed back."""
    behaviour, twin = gaze.twin.settings.behaviour, gaze.twin
    if not (gaze.viewer.seeks and gaze.viewer.is_following(tie.other)):
        return 0.0
    if twin.hour - tie.start < 24 * behaviour.hope_days:
        twin.hit("hope: not given up yet")
        return 0.0
    if gaze.author.is_following(gaze.viewer.uid):
        twin.hit("hope: fulfilled")
        return 0.0
    twin.hit("hope: lost")
    return float(behaviour.hope)


def _lose_patience(gaze: Gaze, irritation: float, decisions: Decisions) -> None:
    behaviour = gaze.twin.settings.behaviour
    square = irritation * irritation
    hazard = (
        behaviour.leave_hazard * square / (1 + square) / (1 + behaviour.leave_warmth * gaze.warmth)
    )
    if not gaze.uniform(Purpose.LEAVE) < hazard:
        return
    if gaze.uniform(Purpose.DILIGENCE) < gaze.viewer.diligence:
        decisions.unfollow = True
    elif gaze.uniform(Purpose.MUTE) < behaviour.mute:
        decisions.mute = True
    else:
        gaze.twin.hit("react: bears it")
        decisions.bear = True


def _warmed(gaze: Gaze, decisions: Decisions) -> float:
    behaviour = gaze.twin.settings.behaviour
    warmth = gaze.warmth
    if decisions.like:
        warmth += behaviour.warmth_like * (1 - warmth)
    if decisions.reshare:
        warmth += behaviour.warmth_like * (1 - warmth)
    if decisions.reply:
        warmth += behaviour.warmth_reply * (1 - warmth)
    return float(warmth)
