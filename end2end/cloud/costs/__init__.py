"""Cost Explorer, which MiniStack lacks: figures derived from the estate and the calendar."""
