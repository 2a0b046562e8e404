"""Vendors deliver fakes, and let them follow other customers too."""

from sim.kernels.layout import AccountKind, Origin, Purpose

from .records import Account, Order
from .state import State


def deliver(twin: State) -> None:
    """Deliver the parts of orders that are due today."""
    day = twin.hour // 24
    for order in twin.orders:
        vendor = twin.settings.platform.vendors[order.vendor]
        days = vendor.delivery_days
        part = day - order.day - 1
        if 0 <= part < days and not twin.accounts[order.buyer].alive:
            twin.hit("delivery: the buyer is dead")
        elif 0 <= part < days:
            twin.hit("delivery")
            first, last = order.amount * part // days, order.amount * (part + 1) // days
            fakes = [_make_fake(twin, order, k) for k in range(first, last)]
            _serve(twin, fakes, _clients(twin, order.vendor), vendor.other_customers)


def _make_fake(twin: State, order: Order, k: int) -> Account:
    buyer = twin.accounts[order.buyer]
    assert buyer.number is not None
    uid = 2 << 62 | order.vendor << 54 | buyer.number << 28 | order.first + k
    fake = Account(uid, AccountKind.FAKE, twin.hour, twin.hour, vendor=order.vendor)
    twin.accounts[uid] = fake
    twin.begin_follow(fake, buyer, Origin.BOUGHT, notify=False)
    return fake


def _clients(twin: State, vendor: int) -> list[Account]:
    listed = (twin.accounts[uid] for _, uid in sorted(twin.directory.items()))
    share = twin.settings.platform.vendors[vendor].clients
    return [
        account
        for account in listed
        if account.alive
        and account.is_ordinary
        and twin.uniform(Purpose.CLIENT, account.uid, vendor, 0) < share
    ]


def _serve(twin: State, fakes: list[Account], clients: list[Account], each: int) -> None:
    for fake in fakes:
        for j in range(each):
            position = twin.pick(len(clients), twin.words(Purpose.CUSTOMER, fake.uid, 8 * j))
            if position is None:
                twin.hit("clients: tries run out" if clients else "clients: none")
                continue
            client = clients[position]
            begun = twin.begin_follow(fake, client, Origin.BOUGHT, notify=False)
            twin.hit("clients: followed" if begun else "clients: followed already")
