"""Waiting for what must come to pass, with a deadline."""
import time


class NeverHappened(AssertionError):
    pass


def wait_until(condition, what, seconds=20.0, every=0.05):
    """What `condition` gives once it is true. `what` ends the sentence "it never happened that …"."""
    end = time.monotonic() + seconds
    while True:
        seen = condition()
        if seen:
            return seen
        if time.monotonic() > end:
            raise NeverHappened(f"within {seconds:g} s it never happened that {what}; seen last: {seen!r}")
        time.sleep(every)
