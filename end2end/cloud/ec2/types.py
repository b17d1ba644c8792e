"""DescribeInstanceTypes: a catalogue of usual types, since MiniStack's says the same of nearly all.

Processors and memory follow from family and size, as the tables of EC2's instance types do.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass

from cloud.ec2.wire import Ec2Error

#: GiB for each virtual processor, architecture, and whether AWS counts the family among its present ones.
_FAMILIES = {
    "c5": (2, "x86_64", True), "c6i": (2, "x86_64", True), "c7g": (2, "arm64", True),
    "g4dn": (4, "x86_64", True), "m4": (4, "x86_64", False), "m5": (4, "x86_64", True),
    "m6i": (4, "x86_64", True), "m7g": (4, "arm64", True), "r5": (8, "x86_64", True),
    "r6i": (8, "x86_64", True), "r7g": (8, "arm64", True),
}  # fmt: skip
_SIZES = {
    "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32,
    "12xlarge": 48, "16xlarge": 64, "24xlarge": 96, "32xlarge": 128,
}  # fmt: skip

#: Families whose processors are paid for by credits: MiB and processors by size.
_BURSTABLE = {"t2": "x86_64", "t3": "x86_64", "t4g": "arm64"}
_BURSTABLE_SIZES = {
    "nano": (512, 2), "micro": (1024, 2), "small": (2048, 2), "medium": (4096, 2),
    "large": (8192, 2), "xlarge": (16384, 4), "2xlarge": (32768, 8),
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """An instance type."""

    name: str
    vcpus: int
    mib: int
    architecture: str
    current: bool

    def xml(self) -> str:
        """Its ``<item>``."""
        burstable = self.name.split(".")[0] in _BURSTABLE
        return (
            f"<item><instanceType>{self.name}</instanceType>"
            f"<currentGeneration>{_word(self.current)}</currentGeneration>"
            "<supportedUsageClasses><item>on-demand</item><item>spot</item></supportedUsageClasses>"
            f"<bareMetal>false</bareMetal><hypervisor>{'nitro' if self.is_nitro else 'xen'}</hypervisor>"
            f"<processorInfo><supportedArchitectures><item>{self.architecture}</item>"
            "</supportedArchitectures></processorInfo>"
            f"<vCpuInfo><defaultVCpus>{self.vcpus}</defaultVCpus></vCpuInfo>"
            f"<memoryInfo><sizeInMiB>{self.mib}</sizeInMiB></memoryInfo>"
            f"<burstablePerformanceSupported>{_word(burstable)}</burstablePerformanceSupported></item>"
        )

    @property
    def is_nitro(self) -> bool:
        """Whether it runs on AWS's newer hypervisor."""
        return self.name.split(".")[0] not in ("t2", "m4")

    def values(self, name: str) -> str:
        """What a filter of this name looks at."""
        match name:
            case "instance-type":
                return self.name
            case "processor-info.supported-architecture":
                return self.architecture
            case "current-generation":
                return _word(self.current)
            case "vcpu-info.default-vcpus":
                return str(self.vcpus)
            case "memory-info.size-in-mib":
                return str(self.mib)
        raise Ec2Error("InvalidParameterValue", f"The filter '{name}' is invalid")


def _word(yes: bool) -> str:
    return "true" if yes else "false"


def _kinds() -> Iterable[Kind]:
    for family, (gib, architecture, current) in _FAMILIES.items():
        for size, vcpus in _SIZES.items():
            yield Kind(f"{family}.{size}", vcpus, vcpus * gib * 1024, architecture, current)
    for family, architecture in _BURSTABLE.items():
        for size, (mib, vcpus) in _BURSTABLE_SIZES.items():
            alone = family == "t2" and mib <= 2048
            yield Kind(f"{family}.{size}", 1 if alone else vcpus, mib, architecture, family != "t2")


KINDS = {kind.name: kind for kind in sorted(_kinds(), key=lambda kind: kind.name)}


def select_types(names: list[str], filters: list[tuple[str, list[str]]]) -> list[Kind]:
    """The types of these names, or all, that pass all filters."""
    unknown = [name for name in names if name not in KINDS]
    if unknown:
        raise Ec2Error(
            "InvalidInstanceType", f"The following supplied instance types do not exist: [{', '.join(unknown)}]"
        )
    chosen = [KINDS[name] for name in names] if names else list(KINDS.values())
    return [
        kind
        for kind in chosen
        if all(any(fnmatch.fnmatchcase(kind.values(name), value) for value in values) for name, values in filters)
    ]
