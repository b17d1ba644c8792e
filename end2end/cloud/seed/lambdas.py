"""The company's Lambda functions: real code, which MiniStack runs as host processes."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from dataclasses import dataclass
from textwrap import dedent

from cloud.awscall import AwsCaller
from cloud.estate import ACCOUNTS, PRODUCTION, SANDBOX, STAGING


@dataclass(frozen=True)
class Function:
    """A Lambda function, the same in each place where it is deployed."""

    name: str
    description: str
    timeout: int
    memory: int
    source: str
    #: Who may invoke it by itself, and for what: a service and an ARN of the account and region.
    invoked_by: tuple[str, str] | None = None


ORDER_PROCESSOR = Function(
    "order-processor",
    "Takes orders off the queue, reserves stock and charges the card",
    10,
    256,
    '''
    import json
    import time


    def handler(event, context):
        """Process an order; fails for one that has no lines or whose card is refused."""
        order = event.get("order", "unknown")
        lines = event.get("lines", 0)
        print(json.dumps({"level": "info", "msg": "order received", "order": order, "lines": lines}))
        time.sleep(0.02)
        if event.get("card") == "refused":
            print(json.dumps({"level": "error", "msg": "card refused", "order": order}))
            raise RuntimeError(f"payment for {order} was refused")
        if not lines:
            print(json.dumps({"level": "warn", "msg": "order without lines", "order": order}))
            return {"status": "ignored", "order": order}
        print(json.dumps({"level": "info", "msg": "order charged", "order": order}))
        return {"status": "charged", "order": order}
    ''',
)

THUMBNAILER = Function(
    "thumbnailer",
    "Makes three sizes of each product picture",
    30,
    512,
    '''
    import time


    def handler(event, context):
        """Pretend to scale a picture."""
        key = event.get("key", "products/0000/front.jpg")
        for width in (96, 320, 1024):
            time.sleep(0.005)
            print(f"INFO scaled {key} to {width}px")
        return {"key": key, "sizes": [96, 320, 1024]}
    ''',
    ("s3.amazonaws.com", "arn:aws:s3:::tidemark-{name}-media"),
)

NIGHTLY_REPORT = Function(
    "nightly-report",
    "Sums the day up and writes it to the reports bucket",
    60,
    1024,
    '''
    import os


    def handler(event, context):
        """Write the report; fails when told to, as reports do."""
        day = event.get("day", "yesterday")
        print(f"INFO report for {day} started, bucket={os.environ.get('REPORTS_BUCKET', '-')}")
        if event.get("fail"):
            rows = {}
            return rows["revenue"]
        print("INFO 1284 orders, 37 refunds")
        print(f"INFO report for {day} finished")
        return {"day": day, "orders": 1284}
    ''',
    ("events.amazonaws.com", "arn:aws:events:{region}:{account}:rule/nightly-report"),
)

#: Where each function is deployed.
DEPLOYMENTS: tuple[tuple[str, str, Function], ...] = (
    (PRODUCTION.id, "us-east-1", ORDER_PROCESSOR),
    (PRODUCTION.id, "us-east-1", THUMBNAILER),
    (PRODUCTION.id, "us-east-1", NIGHTLY_REPORT),
    (PRODUCTION.id, "eu-west-1", ORDER_PROCESSOR),
    (PRODUCTION.id, "eu-west-1", THUMBNAILER),
    (STAGING.id, "us-east-1", ORDER_PROCESSOR),
    (STAGING.id, "eu-west-1", THUMBNAILER),
    (SANDBOX.id, "us-east-1", NIGHTLY_REPORT),
)


async def seed_lambdas(aws: AwsCaller) -> int:
    """Create the functions; returns how many."""
    names = {account.id: account.name for account in ACCOUNTS}
    for account, region, function in DEPLOYMENTS:
        document = {
            "FunctionName": function.name,
            "Description": function.description,
            "Runtime": "python3.12",
            "Role": f"arn:aws:iam::{account}:role/lambda-{function.name}",
            "Handler": "main.handler",
            "Timeout": function.timeout,
            "MemorySize": function.memory,
            "Code": {"ZipFile": base64.b64encode(_zipped(function.source)).decode()},
            "Environment": {
                "Variables": {"STAGE": names[account], "REPORTS_BUCKET": f"tidemark-{names[account]}-reports"}
            },
            "Tags": {"Environment": names[account], "Service": function.name},
        }
        await aws.rest(
            "lambda", account, region, "POST", "/2015-03-31/functions", json.dumps(document).encode(),
            Content_Type="application/json",
        )  # fmt: skip
        if function.invoked_by:
            service, source = function.invoked_by
            permission = {
                "StatementId": "invoke",
                "Action": "lambda:InvokeFunction",
                "Principal": service,
                "SourceArn": source.format(account=account, region=region, name=names[account]),
            }
            await aws.rest(
                "lambda", account, region, "POST", f"/2015-03-31/functions/{function.name}/policy",
                json.dumps(permission).encode(), Content_Type="application/json",
            )  # fmt: skip
    return len(DEPLOYMENTS)


def _zipped(source: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        # A fixed time: the same code gives the same CodeSha256.
        info = zipfile.ZipInfo("main.py", (2026, 1, 1, 0, 0, 0))
        info.external_attr = 0o644 << 16
        archive.writestr(info, dedent(source).lstrip())
    return buffer.getvalue()
