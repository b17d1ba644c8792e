"""The estate: what the demo company runs, declared once.

A small shop, in three accounts and two regions. Everything else that must agree about it (EC2
state, metrics, costs, logs) derives from here, deterministically: the same seed date gives the
same ids, addresses, launch times and prices.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

REGIONS = ("us-east-1", "eu-west-1")

#: The account of the server's own credentials (`test`/`test`): it holds nothing and assumes roles.
HOME_ACCOUNT = "000000000000"

#: The role that nephoscope assumes in each account.
CONSOLE_ROLE = "NephoscopeConsole"

#: AMI names that MiniStack answers to in DescribeImages.
AMAZON_LINUX = "ami-0c2023a1b2c3d4e5f"
UBUNTU = "ami-0123456789abcdef0"


@dataclass(frozen=True)
class Account:
    """An AWS account of the demo company."""

    id: str
    name: str


PRODUCTION = Account("111111111111", "production")
STAGING = Account("222222222222", "staging")
SANDBOX = Account("333333333333", "sandbox")
ACCOUNTS = (PRODUCTION, STAGING, SANDBOX)
ACCOUNT_NAMES = {account.id: account.name for account in ACCOUNTS}


@dataclass(frozen=True)
class Role:
    """A set of like instances: one line of the table below."""

    account: Account
    region: str
    service: str
    team: str
    count: int
    type: str
    #: Shape of the CPU curve, see ``metrics/curves.py``.
    profile: str
    state: str = "running"
    public: bool = False
    #: Detailed monitoring: a sample each minute instead of each five.
    detailed: bool = False
    image: str = AMAZON_LINUX
    days_old: int = 60
    #: Launched so that it can hibernate.
    hibernates: bool = False
    #: AWS refuses to terminate it.
    protected: bool = False
    #: The machine under it is broken.
    impaired: bool = False
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Instance:
    """One seeded EC2 instance."""

    id: str
    account: str
    region: str
    name: str
    type: str
    zone: str
    state: str
    profile: str
    detailed: bool
    image: str
    hibernates: bool
    protected: bool
    impaired: bool
    private_ip: str
    public_ip: str
    launched: datetime
    #: When a stopped or terminated instance ceased to run.
    ended: datetime | None
    #: When the company began to pay for this instance or its predecessors.
    paid_since: date
    tags: dict[str, str]


_US, _EU = REGIONS
_LONG = "a rather long note, kept to see that pages cope with it: " + "lorem ipsum dolor sit " * 8

ROLES: tuple[Role, ...] = (
    # production: 15 in us-east-1
    Role(PRODUCTION, _US, "storefront", "web", 4, "m6i.large", "web", detailed=True, days_old=21),
    Role(PRODUCTION, _US, "checkout", "payments", 3, "c6i.large", "web", detailed=True, days_old=9),
    Role(PRODUCTION, _US, "orders-worker", "fulfilment", 3, "m6i.xlarge", "worker", days_old=48),
    Role(PRODUCTION, _US, "search", "discovery", 1, "r6i.xlarge", "hot", detailed=True, days_old=95),
    Role(PRODUCTION, _US, "search-replica", "discovery", 1, "r6i.xlarge", "web", days_old=95),
    Role(
        PRODUCTION, _US, "bastion", "platform", 1, "t3.micro", "idle", public=True, days_old=260, protected=True
    ),
    Role(PRODUCTION, _US, "reports", "data", 1, "c6i.2xlarge", "batch", "stopped", days_old=130),
    Role(PRODUCTION, _US, "legacy-import", "data", 1, "m5.large", "idle", "terminated", days_old=310),
    # production: 8 in eu-west-1
    Role(PRODUCTION, _EU, "storefront", "web", 3, "m6i.large", "web", detailed=True, days_old=20),
    Role(PRODUCTION, _EU, "checkout", "payments", 2, "c6i.large", "web", detailed=True, days_old=9),
    Role(PRODUCTION, _EU, "orders-worker", "fulfilment", 1, "m6i.xlarge", "worker", days_old=47),
    Role(PRODUCTION, _EU, "bastion", "platform", 1, "t3.micro", "idle", public=True, days_old=258),
    Role(PRODUCTION, _EU, "nightly-etl", "data", 1, "r6i.large", "batch", days_old=76),
    # staging: 7 in us-east-1, 3 in eu-west-1
    Role(STAGING, _US, "storefront", "web", 2, "t3.large", "quiet", public=True, days_old=14),
    Role(STAGING, _US, "checkout", "payments", 1, "t3.large", "quiet", days_old=8),
    Role(STAGING, _US, "orders-worker", "fulfilment", 1, "t3.large", "worker", days_old=30, hibernates=True),
    Role(STAGING, _US, "search", "discovery", 1, "r6i.large", "quiet", "stopped", days_old=88, hibernates=True),
    Role(STAGING, _US, "ci-runner", "platform", 2, "c6i.xlarge", "spiky", image=UBUNTU, days_old=4),
    Role(STAGING, _EU, "storefront", "web", 1, "t3.large", "quiet", public=True, days_old=14),
    Role(STAGING, _EU, "checkout", "payments", 1, "t3.large", "quiet", "stopped", days_old=8),
    Role(STAGING, _EU, "load-test", "platform", 1, "c6i.4xlarge", "spiky", "terminated", days_old=2),
    # sandbox: 5 in us-east-1, 2 in eu-west-1; the place for odd names
    Role(
        SANDBOX,
        _US,
        "notebook",
        "data",
        1,
        "g4dn.xlarge",
        "spiky",
        image=UBUNTU,
        days_old=33,
        tags={"Name": "notebook 🧪 مختبر", "Comment": "\u202eevil\u202c RTL override, naïve café"},
    ),
    Role(
        SANDBOX,
        _US,
        "spike",
        "web",
        1,
        "t3.small",
        "quiet",
        public=True,
        days_old=6,
        tags={"Name": "<script>alert(1)</script>", "Comment": "\"quotes\" & 'apostrophes' </td>"},
    ),
    Role(SANDBOX, _US, "throwaway", "platform", 1, "t3.nano", "idle", "terminated", days_old=1),
    Role(
        SANDBOX, _US, "demo", "web", 1, "t3.medium", "quiet", "stopped", days_old=41, tags={"Comment": _LONG}
    ),
    Role(SANDBOX, _US, "untagged", "", 1, "t2.micro", "idle", days_old=400, impaired=True),
    Role(SANDBOX, _EU, "demo", "web", 1, "t3.medium", "quiet", public=True, days_old=17),
    Role(SANDBOX, _EU, "latency-probe", "platform", 1, "t3.micro", "idle", "stopped", days_old=70),
)

_COST_CENTERS = {
    "web": "CC-1010", "payments": "CC-1020", "fulfilment": "CC-1030",
    "discovery": "CC-1040", "data": "CC-2010", "platform": "CC-3000",
}  # fmt: skip

#: The instances of the benchmark size, all beside production's in one region.
BENCH_TOTAL = 5_000


def digest(*parts: object) -> int:
    """A stable 64-bit number from the parts: the estate's only source of chance."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def fraction(*parts: object) -> float:
    """A stable number in [0, 1)."""
    return digest(*parts) / 2**64


def resource_id(prefix: str, *parts: object) -> str:
    """An id in EC2's long form (`prefix-` and 17 hex digits), stable for its parts."""
    return f"{prefix}-0{digest(prefix, *parts):016x}"


@dataclass(frozen=True)
class Estate:
    """The seeded estate as of a date."""

    seed_date: date
    instances: tuple[Instance, ...]

    def instance(self, instance_id: str) -> Instance | None:
        """The seeded instance with this id."""
        return self._by_id.get(instance_id)

    @property
    def _by_id(self) -> dict[str, Instance]:
        index = self.__dict__.get("_index")
        if index is None:
            index = {instance.id: instance for instance in self.instances}
            object.__setattr__(self, "_index", index)
        return index


def build_estate(seed_date: date, size: str = "demo") -> Estate:
    """The estate of ``size`` (`demo` or `bench`) as of ``seed_date``."""
    roles = ROLES
    if size == "bench":
        have = sum(role.count for role in ROLES)
        roles = (*ROLES, *_bench_roles(BENCH_TOTAL - have))
    made: list[Instance] = []
    for role in roles:
        for number in range(role.count):
            made.append(_instance(role, number, seed_date, serial=len(made)))
    return Estate(seed_date, tuple(made))


def _bench_roles(count: int) -> list[Role]:
    """``count`` more production instances: fifty services of like size."""
    teams = ("web", "payments", "fulfilment", "discovery", "data", "platform")
    types = ("t3.medium", "m6i.large", "c6i.large", "r6i.large")
    states = ("running",) * 17 + ("stopped",) * 2 + ("terminated",)
    roles: list[Role] = []
    left, index = count, 0
    while left:
        part = min(left, 50)
        role = Role(
            account=PRODUCTION,
            region=_US,
            service=f"cell-{index:03d}",
            team=teams[index % 6],
            count=part,
            type=types[index % 4],
            profile=("web", "worker", "quiet", "spiky")[index % 4],
            state=states[index % 20],
            days_old=5 + index * 2,
        )
        roles.append(role)
        left, index = left - part, index + 1
    return roles


def _instance(role: Role, number: int, seed_date: date, serial: int) -> Instance:
    account, region = role.account, role.region
    identity = (account.id, region, role.service, number)
    name = f"{role.service}-{number + 1:02d}" if role.count > 1 else role.service
    midnight = datetime.combine(seed_date, datetime.min.time(), UTC)
    launched = midnight - timedelta(days=role.days_old, seconds=int(fraction("launch", *identity) * 80_000))
    ended = None
    if role.state != "running":
        # Somewhere in the second half of its life, at least some hours before the seed date.
        ended = launched + (midnight - launched) * (0.5 + 0.4 * fraction("end", *identity))
    tags = {"Name": name}
    if role.team:
        tags |= {
            "Environment": account.name,
            "Service": role.service,
            "Team": role.team,
            "CostCenter": _COST_CENTERS[role.team],
            "ManagedBy": "terraform" if account is not SANDBOX else "hand",
        }
    else:
        tags = {}
    tags |= role.tags
    host = digest("ip", *identity)
    octet = 10 + ACCOUNTS.index(account) * 20 + REGIONS.index(region) * 10
    return Instance(
        id=resource_id("i", *identity),
        account=account.id,
        region=region,
        name=name,
        type=role.type,
        zone=region + "abc"[number % 3],
        state=role.state,
        profile=role.profile,
        detailed=role.detailed,
        image=role.image,
        hibernates=role.hibernates,
        protected=role.protected,
        impaired=role.impaired,
        private_ip=f"10.{octet}.{serial // 250}.{serial % 250 + 4}",
        public_ip=f"203.0.113.{host % 250 + 2}" if role.public and role.state == "running" else "",
        launched=launched,
        ended=ended,
        # A service is older than the machines it happens to run on now.
        paid_since=(launched - timedelta(days=int(30 + 300 * fraction("paid", *identity)))).date(),
        tags=tags,
    )
