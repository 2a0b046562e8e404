"""The controls of the page: each becomes an event of the scenario, from the next day on."""

from collections.abc import Mapping
from typing import Any, Final

from nicegui import ui

from sim.page.contender import Act, Contender
from sim.page.parts import button, heading, marked, select
from sim.scenario import Scenario

__all__ = ["Steering"]

_RANKINGS: Final = {"ranked": "ranked", "chronological": "chronological", "mixed": "mixed"}
_PROOFS: Final = {
    "log": "the more, the more convincing",
    "step": "round numbers convince",
    "none": "counts convince nobody",
}
_OPENED: Final = 2  # contenders whose controls are unfolded at first


class Steering:
    """The controls of the platform, and of each contender in each life."""

    def __init__(
        self,
        act: Act,
        scenario: Scenario,
        labels: Mapping[str, str],
        rules: Mapping[str, Any],
    ) -> None:
        """Build them.

        ``labels`` names the arms that are lived; ``rules`` are the settings that were changed
        since the scenario began.
        """
        self._act = act
        with ui.element("div").classes("card"):
            self._build_platform(scenario, rules)
        self._contenders: list[Contender] = []
        for arm, label in labels.items():
            self._build_contenders(scenario, arm, label if len(labels) > 1 else "")

    def _build_contenders(self, scenario: Scenario, arm: str, label: str) -> None:
        """Build the controls of everybody in one life; ``label`` names it if there are two."""
        before = 0  # contenders of whom the curves have the colours before
        for own in scenario.for_arm(arm).protagonists:
            contender = Contender(self._act, arm, own, label, before)
            if len(self._contenders) < _OPENED:
                contender.card.props("open")
            self._contenders.append(contender)
            before += own.count

    def _build_platform(self, scenario: Scenario, rules: Mapping[str, Any]) -> None:
        heading("The platform")
        with ui.element("div").classes("row"):
            sweep = button("Sweep now!", "sweep", lambda: self._act({"kind": "sweep"}), "act")
            sweep.classes("danger")
            button("Go viral", "viral", lambda: self._act({"kind": "viral"}))
        now = {
            "platform.ranking": scenario.platform.ranking,
            "behaviour.social_proof_form": scenario.behaviour.social_proof_form,
            "platform.counts_visible": scenario.platform.counts_visible,
            **rules,
        }
        order = select("Order of the feed", _RANKINGS, now["platform.ranking"], "ranking")
        proof = select("Social proof", _PROOFS, now["behaviour.social_proof_form"], "proof")
        shown = ui.switch("Counts are shown", value=now["platform.counts_visible"])
        self._bind(order, "platform.ranking")
        self._bind(proof, "behaviour.social_proof_form")
        self._bind(marked(shown, "counts"), "platform.counts_visible")

    def _bind(self, control: Any, key: str) -> None:
        """Let a control set a key; what is refused is taken back."""
        held = control.value

        async def change(event: Any) -> None:
            nonlocal held
            if event.value == held:
                return
            before, held = held, event.value
            if not await self._act({"kind": "set", "set": {key: event.value}}):
                held = control.value = before

        control.on_value_change(change)

    def follow(self, lives: Mapping[str, Mapping[str, Any]]) -> None:
        """Bring the controls to where the contenders are."""
        for contender in self._contenders:
            contender.follow(lives[contender.arm])
