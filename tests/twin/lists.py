"""The list of an account: follows first, then acquaintances."""

from sim.kernels.layout import ACQUAINTANCES, KEEP, NEVER, Origin

from .records import Account, Tie


def _swap(account: Account, i: int, j: int) -> None:
    ties = account.ties
    ties[i], ties[j] = ties[j], ties[i]


def append_follow(account: Account, tie: Tie) -> None:
    """Put a follow after the last one; the first acquaintance makes room."""
    account.ties.append(tie)
    _swap(account, account.follows, -1)
    account.follows += 1


def make_follow(account: Account, j: int) -> None:
    """Turn the acquaintance at j into the last follow."""
    _swap(account, j, account.follows)
    account.follows += 1


def forget(account: Account, j: int) -> None:
    """Forget the acquaintance at j; the last tie takes its place."""
    last = account.ties.pop()
    if j < len(account.ties):
        account.ties[j] = last


def end_follow(account: Account, j: int) -> str:
    """End the follow at j and say what became of it."""
    account.follows -= 1
    _swap(account, j, account.follows)
    ended = account.ties[account.follows]
    ended.muted = 0
    if ended.strength < KEEP:
        forget(account, account.follows)
        return "forgotten"
    return "bounded" if _bound(account) else "remembered"


def drop_follow(account: Account, j: int) -> None:
    """Take the follow at j away without a memory."""
    account.follows -= 1
    _swap(account, j, account.follows)
    forget(account, account.follows)


def acquaint(account: Account, other: int, hour: int) -> tuple[Tie, bool]:
    """Append an acquaintance; also says whether another had to be forgotten for it."""
    new = Tie(other, 0, NEVER, hour, Origin.INITIAL)
    account.ties.append(new)
    return new, _bound(account, new)


def _bound(account: Account, new: Tie | None = None) -> bool:
    acquaintances = account.ties[account.follows :]
    if len(acquaintances) <= ACQUAINTANCES:
        return False
    old = [tie for tie in acquaintances if tie is not new]
    weakest = min(old, key=lambda tie: (tie.strength, tie.other))
    forget(account, account.ties.index(weakest))
    return True
