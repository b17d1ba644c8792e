"""Start, stop, reboot and terminate: who may do what in which state, and what comes of it.

The table is EC2's "instance lifecycle". Actions are all or nothing: one instance in a wrong state
fails the call.
"""

from __future__ import annotations

from dataclasses import dataclass

from cloud.ec2.instance import Instance
from cloud.ec2.wire import Ec2Error


@dataclass(frozen=True)
class Change:
    """An action on instances."""

    verb: str
    passing: str
    final: str
    #: States from which the action changes something.
    acts_on: frozenset[str]
    #: States in which it succeeds and changes nothing.
    idle_in: frozenset[str]


CHANGES = {
    "StartInstances": Change(
        "started", "pending", "running",
        acts_on=frozenset(("stopped",)), idle_in=frozenset(("pending", "running")),
    ),
    "StopInstances": Change(
        "stopped", "stopping", "stopped",
        acts_on=frozenset(("running",)), idle_in=frozenset(("stopping", "stopped")),
    ),
    "TerminateInstances": Change(
        "terminated", "shutting-down", "terminated",
        acts_on=frozenset(("pending", "running", "stopping", "stopped")),
        idle_in=frozenset(("shutting-down", "terminated")),
    ),
    "RebootInstances": Change(
        "rebooted", "running", "running",
        acts_on=frozenset(("running",)), idle_in=frozenset(),
    ),
}  # fmt: skip


def check_states(change: Change, instances: list[Instance]) -> None:
    """Refuse the action if one of the instances is in a state that does not allow it."""
    for instance in instances:
        if instance.state not in change.acts_on | change.idle_in:
            raise Ec2Error(
                "IncorrectInstanceState",
                f"The instance '{instance.id}' is not in a state from which it can be {change.verb}.",
            )


def apply(
    change: Change, instance: Instance, seconds: float, *, hibernates: bool = False
) -> tuple[str, str]:
    """Change one instance; returns its state before and now."""
    before = instance.state
    if before in change.acts_on and change.passing != change.final:
        instance.begin(change.final, change.passing, seconds, hibernates=hibernates)
    return before, instance.state
