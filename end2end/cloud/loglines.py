"""What the company's services write to their logs: used for the past and by the heartbeat."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from cloud.estate import PRODUCTION, SANDBOX, STAGING, Estate

Writer = Callable[[Random], str]

_PATHS = (
    "/",
    "/products/1042",
    "/products/77",
    "/cart",
    "/search?q=lamp",
    "/checkout",
    "/healthz",
    "/account/orders",
)
_AGENTS = (
    "Mozilla/5.0 (Macintosh)",
    "Mozilla/5.0 (Windows NT 10.0)",
    "okhttp/4.12.0",
    "ELB-HealthChecker/2.0",
)


def _access(rng: Random) -> str:
    status = rng.choices((200, 301, 304, 404, 500, 502), (90, 2, 4, 6, 1, 1))[0]
    address = f"198.51.100.{rng.randrange(2, 250)}"
    return (
        f'{address} - "GET {rng.choice(_PATHS)} HTTP/1.1" {status} {rng.randrange(180, 48_000)} '
        f'{rng.lognormvariate(-3, 0.8):.3f} "{rng.choice(_AGENTS)}"'
    )


def _checkout(rng: Random) -> str:
    level, message = rng.choices(
        (
            ("info", "payment authorised"),
            ("info", "cart converted"),
            ("warn", "card verification slow"),
            ("error", "payment provider timed out"),
        ),
        (60, 30, 7, 3),
    )[0]
    return json.dumps(
        {
            "level": level,
            "msg": message,
            "order": f"TM-{rng.randrange(10**6):06d}",
            "amount": round(rng.uniform(5, 320), 2),
            "currency": rng.choice(("USD", "EUR")),
            "duration_ms": int(rng.lognormvariate(4.5, 0.7)),
            "trace": f"{rng.getrandbits(64):016x}",
        }
    )


def _worker(rng: Random) -> str:
    order = f"TM-{rng.randrange(10**6):06d}"
    return rng.choices(
        (
            f"INFO  picked order={order} lines={rng.randrange(1, 9)}",
            f"INFO  shipped order={order} carrier={rng.choice(('north', 'swift', 'coast'))}",
            f"WARN  stock low sku=SKU-{rng.randrange(900):03d} left={rng.randrange(1, 6)}",
            f"ERROR label printer did not answer order={order}\n"
            '  File "worker/labels.py", line 88, in print_label\n    raise PrinterOffline(printer)\n'
            "PrinterOffline: printer-3",
        ),
        (50, 40, 8, 2),
    )[0]


def _search(rng: Random) -> str:
    return json.dumps(
        {
            "level": rng.choices(("info", "warn"), (95, 5))[0],
            "msg": "query",
            "q": rng.choice(("lamp", "oak table", "rug 200x300", "größe M", "ランプ", "شمعة", "🪔")),
            "hits": rng.randrange(0, 400),
            "took_ms": rng.randrange(3, 240),
            "heap_pct": rng.randrange(70, 97),
        },
        ensure_ascii=False,
    )


def _mailer(rng: Random) -> str:
    kind = rng.choice(("order-confirmation", "shipping-notice", "password-reset"))
    customer = f"customer-{rng.randrange(10**5):05d}@example.com"
    return f"level=info template={kind} to={customer} queued_ms={rng.randrange(900)}"


def _slow_query(rng: Random) -> str:
    return (
        f"# Query_time: {rng.uniform(1, 9):.3f}  Rows_examined: {rng.randrange(10**4, 10**6)}\n"
        "SELECT o.id, o.total FROM orders o JOIN order_lines l ON l.order_id = o.id "
        f"WHERE o.customer_id = {rng.randrange(10**5)} ORDER BY o.created_at DESC;"
    )


def _odd(rng: Random) -> str:
    """Text that a page must survive."""
    return rng.choice(
        (
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)> & \"quotes\" 'too'",
            "emoji 🧪🛰️👩‍🚀 and RTL \u202eevil\u202c مرحبا بالعالم",
            "a very long line: " + "0123456789abcdef" * 200,
            "\x1b[31mANSI red\x1b[0m\ttabs\tand\r\ncarriage returns",
            '{"broken": "json',
            "%s %d {0} ${HOME} `id`",
        )
    )


def _lambda(rng: Random) -> str:
    request = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    duration = rng.lognormvariate(4, 0.5)
    return rng.choice(
        (
            f"START RequestId: {request} Version: $LATEST",
            f"END RequestId: {request}",
            f"REPORT RequestId: {request}\tDuration: {duration:.2f} ms\t"
            f"Billed Duration: {int(duration) + 1} ms\t"
            f"Memory Size: 256 MB\tMax Memory Used: {rng.randrange(48, 120)} MB",
            json.dumps({"level": "info", "msg": "order charged", "order": f"TM-{rng.randrange(10**6):06d}"}),
        )
    )


@dataclass(frozen=True)
class LogGroup:
    """A log group of the estate."""

    account: str
    region: str
    name: str
    writer: Writer
    streams: tuple[str, ...]
    #: Lines that the heartbeat writes per beat, on average.
    rate: float
    retention: int | None = None


def log_groups(estate: Estate) -> list[LogGroup]:
    """The log groups of the estate; the streams of a service are its running instances."""
    writers: dict[str, tuple[Writer, float]] = {
        "storefront": (_access, 2.0),
        "checkout": (_checkout, 1.2),
        "orders-worker": (_worker, 0.8),
        "search": (_search, 0.6),
    }
    factors = {PRODUCTION.id: 1.0, STAGING.id: 0.2}
    found: list[LogGroup] = []
    for (account, region, service), names in _running(estate).items():
        if service in writers and account in factors:
            writer, rate = writers[service]
            found.append(
                LogGroup(
                    account, region, f"/shop/{service}", writer, tuple(names), rate * factors[account], 30
                )
            )
    us, eu = "us-east-1", "eu-west-1"
    found += [
        LogGroup(
            PRODUCTION.id, us, "/ecs/mailer", _mailer, ("mailer/mailer/7f3a", "mailer/mailer/91cc"), 0.3, 14
        ),
        LogGroup(PRODUCTION.id, us, "/ecs/image-proxy", _access, ("image-proxy/image-proxy/02be",), 0.5, 14),
        LogGroup(
            PRODUCTION.id, us, "/aws/rds/instance/orders-db/slowquery", _slow_query, ("orders-db",), 0.05, 90
        ),
        LogGroup(PRODUCTION.id, eu, "/ecs/mailer", _mailer, ("mailer/mailer/4d10",), 0.2, 14),
        LogGroup(SANDBOX.id, us, "/sandbox/odd-lines", _odd, ("playground", "emoji-🧪"), 0.2),
        LogGroup(SANDBOX.id, us, "/sandbox/empty", _odd, (), 0.0),
    ]
    for account, region, function in (
        (PRODUCTION.id, us, "order-processor"), (PRODUCTION.id, us, "thumbnailer"),
        (PRODUCTION.id, us, "nightly-report"), (PRODUCTION.id, eu, "order-processor"),
        (STAGING.id, us, "order-processor"),
    ):  # fmt: skip
        # The heartbeat leaves these to the functions themselves, which it invokes.
        found.append(
            LogGroup(account, region, f"/aws/lambda/{function}", _lambda, ("2026/[$LATEST]8a1f",), 0.0, 30)
        )
    return found


def _running(estate: Estate) -> dict[tuple[str, str, str], list[str]]:
    names: dict[tuple[str, str, str], list[str]] = {}
    for instance in estate.instances:
        if instance.state == "running":
            key = (instance.account, instance.region, instance.tags.get("Service", ""))
            names.setdefault(key, []).append(f"{instance.name}/{instance.id}")
    return names
