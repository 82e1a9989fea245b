"""``locust -f loadtest/locustfile.py --headless --host URL``, with the roster's file named.

The exit status is 1 where the verdict has findings or anything was counted as a failure.
"""

import time

import gevent
from locust import LoadTestShape, events
from locust.env import Environment
from locust.runners import LocalRunner, Runner

from gateway.protocol.messages import Role
from loadtest.roster import read_roster
from loadtest.shapes import Hours, hours_at
from loadtest.town import Town
from loadtest.truth import ask
from loadtest.users import Actor, OpsUser, TabletUser, WalletUser
from loadtest.verdict import Verdict, judge

__all__ = ["OpsUser", "TabletUser", "TownDay", "WalletUser"]  # What Locust looks for here.

SPAWN_PER_S = 50.0

ROSTER = read_roster()
TabletUser.fixed_count = len(ROSTER.tablets)
OpsUser.fixed_count = 1


class TownDay(LoadTestShape):
    """The day of `loadtest.shapes`, from the moment the shops are open."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._hours: Hours | None = None
        self._opened_s: float | None = None

    def tick(self) -> tuple[int, float] | None:
        """How many users there are to be now; None ends the run."""
        staff = len(ROSTER.tablets) + 1
        town = Actor.town
        if not town.open_for_business.is_set():
            return staff, SPAWN_PER_S
        if self._opened_s is None:
            self._opened_s = time.monotonic()
        hours = hours_at((time.monotonic() - self._opened_s) / ROSTER.day_s)
        if hours is None:
            return None
        if hours is not self._hours:
            print(f"-- {hours.name}", flush=True)
            self._hours = hours
            town.lull_s = hours.lull_s
            if hours.storm:
                town.storm()
        return staff + int(len(ROSTER.wallets) * hours.people), SPAWN_PER_S


@events.init.add_listener  # type: ignore[untyped-decorator]
def found(environment: Environment, **_: object) -> None:
    """Makes the town before there are users."""
    if not isinstance(environment.runner, LocalRunner):
        raise SystemExit("the verdict needs what every screen saw: run everything in one process")
    Actor.town = Town(environment, environment.host or "http://127.0.0.1:8000", ROSTER)


@events.test_stop.add_listener  # type: ignore[untyped-decorator]
def give_verdict(environment: Environment, **_: object) -> None:
    """When everybody has stopped: lets all screens catch up, asks the ledger, and says."""
    town = Actor.town
    everybody = [
        screen for screen in town.screens.values() if screen.person.role is not Role.CONSOLE
    ]
    truths = ask(everybody)
    verdict = judge([screen.seen for screen in everybody], truths)
    for screen in town.screens.values():
        screen.close()
    runner: Runner | None = environment.runner
    failures = runner.stats.total.num_failures if runner is not None else 0
    say(verdict, failures)
    environment.process_exit_code = 1 if verdict.findings or failures or not verdict.payments else 0


def say(verdict: Verdict, failures: int) -> None:
    """Prints the verdict."""
    gevent.sleep(0)
    print(
        f"\nVERDICT: {verdict.screens} screens saw {verdict.payments} payments "
        f"in {verdict.events} events and {verdict.answers} answers"
    )
    for finding in verdict.findings:
        print(f"  FINDING {finding}")
    if failures:
        print(f"  {failures} failures were counted on the way (see the table)")
    if not verdict.payments:
        print("  nobody paid: nothing was tested")
    if not verdict.findings:
        print("  the ledger agrees with what every screen saw; no gaps, no doubles, no reorderings")
