"""Several contenders alike on the page to play on: all of them are steered, or one of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from browsing import REQUIRED, complaints, needs_browser
from playing import Server, Visitor, until, visit
from sim.page.live import Live
from sim.page.pool import Pool
from sim.page.presets import chosen
from sim.page.words import alike
from sim.scenario import load, shipped

if not REQUIRED:
    pytest.importorskip("nicegui", reason="not here: pip install 'followlab[classroom]'")

WAIT = 60
CARD = "crowd"
ARM = "placebo"


def test_the_name_of_several_alike_steers_all_and_that_of_another_one_alone() -> None:
    """What the caption says is what the world does."""
    live = Live(chosen("begging_clogs_streams", 300), arms=(ARM,), pool=Pool())
    live.setup().result(WAIT)
    live.act({"kind": "means", "minutes": 11.0, "protagonist": CARD}, arm=ARM).result(WAIT)
    live.act({"kind": "means", "minutes": 77.0, "protagonist": f"{CARD}-3"}, arm=ARM).result(WAIT)
    live.step(4).result(WAIT)
    minutes = {name: one["means"]["minutes"] for name, one in live.snapshot["lives"][ARM].items()}
    live.close()
    assert len(minutes) == 20
    assert minutes.pop(f"{CARD}-3") == 77
    assert set(minutes.values()) == {11}
    assert "all 20 alike" in alike(CARD, 20, CARD)
    assert alike(CARD, 20, f"{CARD}-3") == f"Steers {CARD}-3 alone."


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """A visitor of a preset with twenty beggars."""
    server = Server(tmp_path_factory.mktemp("sessions"))
    title = load(shipped()["begging_clogs_streams"]).scenario.title
    with visit(server, tmp_path_factory.mktemp("profile")) as visitor:
        visitor.open()
        visitor.choose("preset", title)
        visitor.set_up()
        yield visitor
        assert complaints(visitor.driver) == []
    assert server.stop() == 0
    assert "Traceback" not in server.complaints


@needs_browser
def test_the_page_says_whom_its_controls_steer(visitor: Visitor) -> None:
    right = "\ue014"
    mark = f"{ARM}-{CARD}"
    visitor.says(f"alike-{mark}", "^Steers all 20 alike.*the name crowd stands for all of them")
    visitor.slide(f"minutes-{mark}", right)
    visitor.did({"kind": "means", "minutes": 50, "protagonist": CARD, "arm": ARM})
    visitor.choose(f"which-{mark}", f"{CARD}-3")
    visitor.says(f"alike-{mark}", f"^Steers {CARD}-3 alone.$")
    visitor.slide(f"minutes-{mark}", right, right)
    visitor.did({"kind": "means", "minutes": 55, "protagonist": f"{CARD}-3", "arm": ARM})


@needs_browser
def test_each_is_shown_with_what_it_does(visitor: Visitor) -> None:
    mark = f"strategy-{ARM}-{CARD}"

    def shown() -> Any:
        return visitor.driver.execute_script(
            "return arguments[0].closest('.q-field').innerText", visitor.at(mark)
        )

    before = shown()
    visitor.choose(mark, "be interesting")
    visitor.did({"strategy": "organic", "protagonist": f"{CARD}-3"})
    visitor.choose(f"which-{ARM}-{CARD}", "all 20 together")
    until(lambda: shown() == before, "the others do as before")
    visitor.press("day")
    visitor.says(f"monitors-{ARM}", "organic")
    visitor.choose(f"which-{ARM}-{CARD}", f"{CARD}-3")
    until(lambda: "be interesting" in shown(), "the third does as it was told")
