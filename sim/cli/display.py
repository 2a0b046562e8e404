"""What is seen while a scenario runs: a bar on a terminal, now and then a line elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from sim.cli import sizes
from sim.experiments.estimate import estimate, trial
from sim.experiments.jobs import Job
from sim.experiments.plan import Plan
from sim.experiments.progress import Outcome, Progress, Snapshot

__all__ = ["Lines", "Live", "choose"]

MANY = 50  # runs from which their rate is told
TRIED = 50_000  # accounts up to which a world is tried before a sweep
EVERY = 5.0  # seconds between two lines where there is no terminal


def choose(console: Console, quiet: bool, sweep: bool = False) -> Progress:
    """Return what suits the console; of a sweep, only runs that fail are told one by one."""
    if quiet:
        return Progress()
    return Live(console, sweep) if console.is_terminal else Lines(console, sweep)


class Lines(Progress):
    """Plain lines, at most every few seconds, besides one for each run."""

    def __init__(self, console: Console, sweep: bool = False) -> None:
        self._console, self._sweep = console, sweep
        self._compiling = False
        self._last = monotonic()

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def reused(self, folder: Path) -> None:
        """Say that nothing was computed."""
        self.say(f"These runs are all there already, in {folder} (--fresh computes them anew).")

    def adopted(self, runs: int) -> None:
        """Say that other sweeps have helped."""
        self.say(f"{runs} runs are taken from other sweeps of this scenario.")

    def connected(self, dashboard: str, workers: int) -> None:
        """Say where the cluster can be watched."""
        self.say(f"A cluster with {workers} workers. Its dashboard: {dashboard}")

    def planned(self, plan: Plan, missing: Sequence[Job], workers: int) -> None:
        """Say what a sweep takes, after a short trial."""
        if self._sweep:
            small = plan.scenario.world.accounts <= TRIED
            speed = trial(plan.scenario) if small else None
            size = estimate(plan, missing, workers, speed)
            for line in sizes.lines(size, speed, "told when the first runs are done"):
                self.say(line)

    def compiling(self, kernel: str) -> None:
        """Say once that kernels are compiled."""
        if not self._compiling:
            self.say("Compiling kernels (first time only) ...")
        self._compiling = True

    def started(self, folder: Path, runs: int, finished_before: int, workers: int) -> None:
        """Say how much there is to do."""
        before = f" ({finished_before} are there already)" if finished_before else ""
        how = f", {workers} at a time" if workers > 1 else ""
        self.say(f"{runs} runs{before}{how}. Results: {folder}")
        self._last = monotonic()

    def advanced(self, now: Snapshot) -> None:
        """Say how far it is, now and then."""
        if now.working_on and monotonic() - self._last >= EVERY:
            self._last = monotonic()
            names = "" if self._sweep else f": {', '.join(now.working_on)}"
            self.say(f"  {status(now)}{names}")

    def finished(self, outcome: Outcome) -> None:
        """Say how a run ended."""
        if not self._sweep or outcome.status != "ok":
            self.say(result(outcome))

    def lost_worker(self, task: str) -> None:
        """Say that a process died."""
        self.say(f"A worker process died; trying once more: {task}")


class Live(Lines):
    """A bar at the bottom of a terminal, with the lines above it."""

    def __init__(self, console: Console, sweep: bool = False) -> None:
        super().__init__(console, sweep)
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[status]}", markup=False),
            console=console,
            transient=True,
        )
        self._task: TaskID | None = None

    def compiling(self, kernel: str) -> None:
        """Name the kernel that is being compiled."""
        self._show("compiling kernels (first time only)", kernel)

    def started(self, folder: Path, runs: int, finished_before: int, workers: int) -> None:
        """Say how much there is to do, and show the bar."""
        super().started(folder, runs, finished_before, workers)
        self._show("burn-in", "")

    def advanced(self, now: Snapshot) -> None:
        """Move the bar."""
        share = now.days_done / now.days_total if now.days_total else 1.0
        burning = all(name.startswith("burn-in") for name in now.working_on)
        self._show("burn-in" if burning and now.working_on else "running", status(now), share)

    def ended(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def _show(self, description: str, text: str, share: float | None = None) -> None:
        if self._task is None:
            self._bar.start()
            self._task = self._bar.add_task(description, total=None, status=text)
        total = None if share is None else 1.0
        self._bar.update(
            self._task, description=description, total=total, completed=share or 0.0, status=text
        )


def status(now: Snapshot) -> str:
    """Return how far it is: runs, those that failed, share of the days, speed, time left."""
    share = now.days_done / now.days_total if now.days_total else 1.0
    left = f", {clock(now.seconds_left)} left" if now.seconds_left is not None else ""
    speed = f"{now.days_per_second:,.0f} days/s"
    failed = f" ({now.runs_failed} failed)" if now.runs_failed else ""
    rate = f", {rated(now)}" if now.runs_total > MANY else ""
    return f"{now.runs_done}/{now.runs_total} runs{failed}, {share:.0%}{rate}, {speed}{left}"


def rated(now: Snapshot) -> str:
    """Return how many runs are done in a unit of time that gives a readable number."""
    a_second = now.runs_new / now.seconds if now.seconds > 0 else 0.0
    return f"{a_second:.1f} runs/s" if a_second >= 1 else f"{60 * a_second:.1f} runs/min"


def result(outcome: Outcome) -> str:
    """Return a line on a run that has ended."""
    if outcome.status != "ok":
        return f"{outcome.run_id}: failed: {outcome.error}"
    counts = f"{outcome.followers:,.0f} followers, {outcome.engaged:,.0f} engaged"
    return f"{outcome.run_id}: {counts} ({outcome.wall_s:.1f} s)"


def clock(seconds: float) -> str:
    """Return a time as 1:05 or 2:01:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
