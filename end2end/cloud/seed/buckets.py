"""S3 buckets with a few hundred small objects in nested folders."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import quote

from cloud.awscall import AwsCaller
from cloud.estate import ACCOUNT_NAMES, ACCOUNTS, PRODUCTION, SANDBOX, STAGING, fraction

#: The company's name begins each bucket's: bucket names are one space for the whole world.
COMPANY = "tidemark"

#: The bucket that a policy opens to everybody, as one with pictures for a shop may be.
PUBLIC = f"{COMPANY}-production-assets"

Object = tuple[str, bytes, str]


def buckets(seed_date: date) -> list[tuple[str, str, str, list[Object]]]:
    """The buckets: account, region, name, and their objects as (key, content, type)."""
    found: list[tuple[str, str, str, list[Object]]] = []
    for account, pictures, days in ((PRODUCTION.id, 40, 30), (STAGING.id, 8, 5)):
        prefix = f"{COMPANY}-{ACCOUNT_NAMES[account]}"
        found.append((account, "us-east-1", f"{prefix}-assets", list(_pictures(pictures))))
        found.append((account, "us-east-1", f"{prefix}-reports", list(_reports(seed_date, days))))
        found.append((account, "eu-west-1", f"{prefix}-logs", list(_access_logs(seed_date, days // 3))))
    found.append((PRODUCTION.id, "us-east-1", f"{COMPANY}-production-backups", list(_backups(seed_date))))
    found.append((SANDBOX.id, "us-east-1", f"{COMPANY}-sandbox-scratch", list(_odd_ones())))
    found.append((SANDBOX.id, "eu-west-1", f"{COMPANY}-sandbox-empty", []))
    return found


def _pictures(count: int) -> Iterator[Object]:
    for number in range(count):
        for view in ("front", "back", "detail"):
            shade = int(200 * fraction("picture", number, view)) + 30
            svg = (
                '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">'
                f'<rect width="64" height="64" fill="rgb({shade},{shade},255)"/></svg>'
            )
            yield f"products/{number // 10:02d}/{number:04d}/{view}.svg", svg.encode(), "image/svg+xml"
    yield "index.html", b"<!doctype html><title>assets</title>", "text/html"


def _reports(seed_date: date, days: int) -> Iterator[Object]:
    for back in range(1, days + 1):
        day = seed_date - timedelta(days=back)
        orders = 900 + int(600 * fraction("orders", day))
        folder = f"daily/{day:%Y/%m/%d}"
        yield (
            f"{folder}/summary.json",
            json.dumps({"day": str(day), "orders": orders}).encode(),
            "application/json",
        )
        yield f"{folder}/orders.csv", _csv(orders % 40 + 10, day), "text/csv"


def _csv(rows: int, day: date) -> bytes:
    lines = ["order,placed,total"]
    lines += [
        f"TM-{day:%m%d}{n:04d},{day}T{n % 24:02d}:00:00Z,{10 + 90 * fraction(day, n):.2f}"
        for n in range(rows)
    ]
    return "\n".join(lines).encode()


def _access_logs(seed_date: date, days: int) -> Iterator[Object]:
    for back in range(1, days + 1):
        day = seed_date - timedelta(days=back)
        for hour in range(0, 24, 6):
            text = "".join(f"{day}T{hour:02d}:{m:02d}:00Z GET /products/{m} 200\n" for m in range(30))
            yield f"alb/{day:%Y/%m/%d}/{hour:02d}.log", text.encode(), "text/plain"


def _backups(seed_date: date) -> Iterator[Object]:
    for back in range(1, 15):
        day = seed_date - timedelta(days=back)
        yield f"orders-db/{day:%Y-%m-%d}/full.dump.gz", bytes(1024 + back * 64), "application/gzip"


def _odd_ones() -> Iterator[Object]:
    yield "notes/<script>alert(1)</script>.txt", b"<script>alert(1)</script>", "text/plain"
    yield "notes/größe und 'quotes'.txt", "naïve café ☕".encode(), "text/plain; charset=utf-8"
    yield "emoji/🧪/🛰️.json", '{"emoji": "🛰️"}'.encode(), "application/json"
    yield "مرحبا/ملف.txt", "مرحبا".encode(), "text/plain; charset=utf-8"
    yield "a/very/" + "deep/" * 30 + "file.txt", b"deep", "text/plain"
    yield "long/" + "x" * 200 + ".bin", bytes(300), "application/octet-stream"
    yield "with%percent+plus&amp.txt", b"?", "text/plain"
    yield "empty", b"", "application/octet-stream"


def _open_to_everybody(bucket: str) -> bytes:
    statement = {
        "Sid": "Pictures", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}).encode()


async def seed_buckets(aws: AwsCaller, seed_date: date) -> int:
    """Create the buckets and put their objects; returns the number of objects."""
    count = 0
    for account, region, bucket, objects in buckets(seed_date):
        location = "" if region == "us-east-1" else _location(region)
        await aws.rest("s3", account, region, "PUT", f"/{bucket}", location.encode())
        tags = "".join(
            f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>"
            for key, value in (("Environment", ACCOUNT_NAMES[account]), ("CostCenter", "CC-3000"))
        )
        await aws.rest(
            "s3", account, region, "PUT", f"/{bucket}?tagging",
            f"<Tagging><TagSet>{tags}</TagSet></Tagging>".encode(),
        )  # fmt: skip
        if bucket == PUBLIC:
            await aws.rest("s3", account, region, "PUT", f"/{bucket}?policy", _open_to_everybody(bucket))
        for start in range(0, len(objects), 32):
            await asyncio.gather(
                *(
                    aws.rest(
                        "s3", account, region, "PUT", f"/{bucket}/{quote(key)}", content, Content_Type=kind
                    )
                    for key, content, kind in objects[start : start + 32]
                )
            )
        count += len(objects)
    assert len({account for account, *_ in buckets(seed_date)}) == len(ACCOUNTS)
    return count


def _location(region: str) -> str:
    return (
        '<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
    )
