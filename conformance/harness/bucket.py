"""Bucketing by its published definition, written apart from any SDK and from Wigwag."""

import hashlib


def bucket(flag_key, salt, value, seed=None) -> float:
    head = f"{flag_key}.{salt}" if seed is None else str(seed)
    digest = hashlib.sha1(f"{head}.{value}".encode()).hexdigest()
    return int(digest[:15], 16) / 0xFFFFFFFFFFFFFFF


def rolled(flag, rollout, value) -> int:
    """The variation a rollout of a flag (SDK form) serves to a value. Only for values whose bucket
    is not within single precision of a boundary."""
    at, total = bucket(flag["key"], flag["salt"], value, rollout.get("seed")), 0
    for weighted in rollout["variations"]:
        total += weighted["weight"] / 100_000
        if at < total:
            return weighted["variation"]
    return rollout["variations"][-1]["variation"]
