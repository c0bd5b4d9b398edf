"""Reproducible chance: every thing draws from a stream named after itself.

A stream depends only on its name, so adding or removing one thing leaves all others as they
were. Python's own `random` is not used: its methods may change between versions.
"""

import hashlib


class Stream:
    def __init__(self, *name):
        text = "/".join(str(part) for part in name)
        self.state = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")

    def _next(self):
        # Knuth's MMIX generator; the upper bits are used.
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return self.state >> 33

    def whole(self, low, high):
        """A whole number from low to high, both included."""
        return low + self._next() % (high - low + 1)

    def happens(self, permille):
        return self._next() % 1000 < permille

    def pick(self, things):
        return things[self._next() % len(things)]

    def weighted(self, pairs):
        """One of (thing, weight)."""
        left = self._next() % sum(weight for _, weight in pairs)
        for thing, weight in pairs:
            if left < weight:
                return thing
            left -= weight
        raise AssertionError

    def shuffled(self, things):
        things = list(things)
        for i in range(len(things) - 1, 0, -1):
            j = self._next() % (i + 1)
            things[i], things[j] = things[j], things[i]
        return things
