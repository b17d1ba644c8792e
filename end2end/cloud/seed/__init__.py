"""Filling MiniStack: state files before it starts, API calls afterwards.

EC2 and logs go in by state files, because only so can ids, launch times and ingestion times be
chosen; everything else goes in through the API, as a user would.
"""
