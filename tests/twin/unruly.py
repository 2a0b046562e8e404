"""A strategy without sense, whose plans run into every rule."""

import numpy as np

from sim.actions import Rows
from sim.kernels.layout import Kind
from sim.settings import param
from sim.strategies import Account, Day, Section, Strategy


def _coin(me: Account, label: int) -> float:
    """A number in [0, 1) that is today's."""
    return float(np.ravel(me.coin(label))[0])


class Unruly(Strategy):
    """Posts, follows, likes, helps, buys and all the rest at random, allowed or not."""

    name = "unruly"

    class Params(Section):
        """What can be set."""

        people: int = param(0, "accounts", "design", ge=0)
        """It picks others among so many references, dead or alive or itself (0: among all)."""
        posts: int = param(2, "posts a day", "design", ge=0)
        """Posts of each kind that it plans at most."""
        follows: int = param(3, "follows a day", "design", ge=0)
        """Follows and unfollows that it plans at most."""
        favours: int = param(4, "favours a day", "design", ge=0)
        """Likes and comments that it plans at most, and people that it helps."""
        amount: int = param(40, "followers", "design", ge=1)
        """Fakes that it orders now and then."""

    def decide_one(self, me: Account, day: Day) -> None:
        """Plan whatever the coins say."""
        if _coin(me, 90) < 0.3:
            vendor = me.vendors[int(_coin(me, 91) * len(me.vendors))]
            me.buy(self.params.amount, vendor.name)  # type: ignore[attr-defined]
        if _coin(me, 92) < 0.5:
            me.answer()
            me.answer()  # nobody waits any more
        self._change_its_mind(me)
        self._write(me)
        self._mingle(me)
        self._favour(me)

    def _change_its_mind(self, me: Account) -> None:
        found, friends = me.find(1, "anyone"), me.following_list()
        me.follow(found)
        me.unfollow(found)
        me.follow(found)
        me.unfollow(friends[:1])
        me.follow(friends[:1])
        me.unfollow(friends[1:2])

    def _write(self, me: Account) -> None:
        most = self.params.posts + 1  # type: ignore[attr-defined]
        for kind in Kind:
            count = int(_coin(me, kind) * most)
            effort = round(1 + 40 * _coin(me, 10 + kind), 1)
            topic = 1 if _coin(me, 20 + kind) < 0.3 else None
            if count:
                me.post(effort, kind=kind, topic=topic, count=count)
        if _coin(me, 30) < 0.3:
            me.beg()
        if _coin(me, 31) < 0.3:
            me.boost(20.0)

    def _anybody(self, me: Account, label: int) -> Rows:
        people = self.params.people or me._world.rows  # type: ignore[attr-defined]
        return np.array([int(_coin(me, label) * people)], np.uint32)

    def _mingle(self, me: Account) -> None:
        most = self.params.follows  # type: ignore[attr-defined]
        for j in range(most):
            me.follow(self._anybody(me, 1000 + j), for_follow=j % 2 == 0)
        for j in range(most):
            me.unfollow(self._anybody(me, 2000 + j))

    def _favour(self, me: Account) -> None:
        most = self.params.favours  # type: ignore[attr-defined]
        friends = me.following_list()[-most:] if most else me.following_list()[:0]
        for j in range(most):
            other = self._anybody(me, 3000 + j)
            me.like(other, arranged=j % 3 == 0)
            me.comment(other, arranged=j % 3 == 1)
            me.help(other)
        for j in (0, 1):
            me.like(friends, arranged=j == 1)
            me.comment(friends[j::2], arranged=j == 0)
            me.help(me.open_needs(most))
        if _coin(me, 32) < 0.2:
            me.join_pod()
            me.join_pod()
