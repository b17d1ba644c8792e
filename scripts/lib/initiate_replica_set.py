"""Makes the mongod on loopback port argv[1] a replica set of one, and waits until it takes writes.

Transactions and change streams exist only in replica sets.
"""

import sys
import time

from pymongo import MongoClient
from pymongo.errors import PyMongoError

port = int(sys.argv[1])
deadline = time.monotonic() + 30
client = MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=500)
initiated = False
while time.monotonic() < deadline:
    try:
        if not initiated:
            member = {"_id": 0, "host": f"127.0.0.1:{port}"}
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
            initiated = True
        if client.admin.command("hello").get("isWritablePrimary"):
            sys.exit(0)
    except PyMongoError as error:
        last = error
    time.sleep(0.05)
sys.exit(f"mongod on port {port}: {last if not initiated else 'no primary elected'}")
