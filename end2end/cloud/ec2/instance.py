"""One instance as the front shows it: MiniStack's record with the passage of time laid over it."""

from __future__ import annotations

import copy
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import UTC, datetime

from cloud.ec2.wire import STATE_CODES, text_of
from cloud.estate import digest


@dataclass(frozen=True)
class Transition:
    """A state on the way to the final one."""

    state: str
    #: On the monotonic clock.
    until: float


#: What AWS no longer reports of an instance once it is terminated.
_GONE_AFTER_TERMINATION = frozenset(
    ("privateIpAddress", "ipAddress", "subnetId", "vpcId", "networkInterfaceSet", "iamInstanceProfile")
)  # fmt: skip


class Instance:
    """An instance of a fleet."""

    def __init__(self, element: ET.Element, reservation_id: str, owner: str) -> None:
        self.reservation_id = reservation_id
        self.owner = owner
        self.transition: Transition | None = None
        #: An Elastic IP stays through a stop; a natural address does not.
        self.elastic_ip = ""
        self.checks_pass_at = 0.0
        #: Whether AWS refuses to terminate it.
        self.protected = False
        #: Whether it was launched so that it can hibernate.
        self.hibernates = False
        #: Whether the machine under it is broken.
        self.impaired = False
        self._type = ""
        self._launch_time: str | None = None
        self._starts = 0
        self._reason: tuple[str, str, str] | None = None
        self._rendered: tuple[str, str] | None = None
        self.update(element)

    def update(self, element: ET.Element) -> None:
        """Take MiniStack's current record, keeping what the front knows beyond it."""
        self._element = element
        self.id = text_of(element, "instanceId")
        self.final_state = text_of(element, "instanceState/name")
        self._rendered = None

    @property
    def state(self) -> str:
        """The state to show now."""
        if self.transition is None:
            return self.final_state
        if time.monotonic() >= self.transition.until:
            self.transition = None
            return self.final_state
        return self.transition.state

    @property
    def type(self) -> str:
        """The instance type."""
        return self._type or text_of(self._element, "instanceType")

    def become(self, instance_type: str) -> None:
        """Be of another type from now on."""
        self._type = instance_type
        self._rendered = None

    @property
    def zone(self) -> str:
        """The availability zone."""
        return text_of(self._element, "placement/availabilityZone")

    def tag_values(self, key: str) -> list[str]:
        """The value of a tag, if the instance has it."""
        items = self._element.iterfind("tagSet/item")
        return [item.findtext("value") or "" for item in items if item.findtext("key") == key]

    def tag_keys(self) -> list[str]:
        """The keys of its tags."""
        return [item.findtext("key") or "" for item in self._element.iterfind("tagSet/item")]

    def begin(self, final: str, passing: str, seconds: float, *, hibernates: bool = False) -> None:
        """Enter ``passing`` now, to reach ``final`` after ``seconds``."""
        self.final_state = final
        self.transition = Transition(passing, time.monotonic() + seconds)
        self._rendered = None
        stamp = datetime.now(UTC)
        if passing == "pending":
            # AWS's launchTime is that of the last start.
            self._launch_time = stamp.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            self._starts += 1
            self._reason = None
            self.checks_pass_at = self.transition.until + seconds
        else:
            self.explain_end(stamp, "hibernate" if hibernates else "shutdown")

    def explain_end(self, when: datetime, what: str = "shutdown") -> None:
        """Say that a user stopped or terminated it, and when."""
        code = f"Client.UserInitiated{what.capitalize()}"
        reason = f"User initiated ({when:%Y-%m-%d %H:%M:%S} GMT)"
        self._reason = (reason, code, f"{code}: User initiated {what}")
        self._rendered = None

    def forget(self) -> None:
        """Note that MiniStack has dropped its record: the instance is terminated for good."""
        self.final_state = "terminated"
        self._rendered = None

    def forget_rendering(self) -> None:
        """Have the XML made anew, after a change to what is shown."""
        self._rendered = None

    def field(self, path: str) -> str:
        """A field as shown now, by its path in the XML."""
        return text_of(self.shown(), path)

    def xml(self) -> str:
        """The ``<item>`` of this instance as shown now."""
        state = self.state
        if self._rendered is None or self._rendered[0] != state:
            self._rendered = (state, ET.tostring(self.shown(), encoding="unicode"))
        return self._rendered[1]

    def shown(self) -> ET.Element:
        """The record as AWS would show it in the present state."""
        state = self.state
        item = copy.copy(self._element)
        children: list[ET.Element] = []
        for child in self._element:
            if state == "terminated" and child.tag in _GONE_AFTER_TERMINATION:
                continue
            if shown := self._shown_child(child, state):
                children.append(shown[0])
        if self._reason is not None:
            text, code, message = self._reason
            children.append(_leaf("reason", text))
            children.append(_branch("stateReason", code=code, message=message))
        children.append(_leaf("platformDetails", "Linux/UNIX"))
        configured = "true" if self.hibernates else "false"
        children.append(_branch("hibernationOptions", configured=configured))
        item[:] = children
        return item

    def _shown_child(self, child: ET.Element, state: str) -> tuple[ET.Element] | None:
        """The child as shown, in a tuple because an element without children is falsy."""
        match child.tag:
            case "instanceState":
                return (_branch("instanceState", code=str(STATE_CODES[state]), name=state),)
            case "instanceType":
                return (_leaf("instanceType", self.type),)
            case "launchTime" if self._launch_time:
                return (_leaf("launchTime", self._launch_time),)
            case "ipAddress":
                address = self._public_ip(child.text or "", state)
                return (_leaf("ipAddress", address),) if address else None
            case "dnsName":
                return (_leaf("dnsName", (child.text or "") if self._has_public_ip(state) else ""),)
            case "keyName" | "privateIpAddress" if not child.text:
                return None
            case "privateDnsName" if state == "terminated":
                return (_leaf("privateDnsName", ""),)
            case "blockDeviceMapping" | "groupSet" if state == "terminated":
                return (ET.Element(child.tag),)
            case _:
                return (child,)

    def _has_public_ip(self, state: str) -> bool:
        return bool(self._public_ip(text_of(self._element, "ipAddress"), state))

    def _public_ip(self, natural: str, state: str) -> str:
        if state in ("shutting-down", "terminated"):
            return ""
        if self.elastic_ip:
            return self.elastic_ip
        if not natural or state not in ("running", "stopping"):
            return ""
        if self._starts and natural.startswith("203.0.113."):
            # A natural address is a new one after each start.
            return f"203.0.113.{digest(self.id, self._starts) % 250 + 2}"
        return natural


def _leaf(tag: str, text: str) -> ET.Element:
    element = ET.Element(tag)
    element.text = text
    return element


def _branch(tag: str, **leaves: str) -> ET.Element:
    element = ET.Element(tag)
    element.extend(_leaf(name, text) for name, text in leaves.items())
    return element
