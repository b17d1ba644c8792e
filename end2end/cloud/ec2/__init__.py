"""What the front adds to MiniStack's EC2: dry runs, paging, filters and states that take time.

MiniStack stays the truth about which instances there are. The front keeps each scope's answer
parsed (``fleet.py``), lays the transitions over it, and answers DescribeInstances itself.
"""
