"""The assignment of a series beside a second implementation: every assignment there is, tried."""

import random
from collections.abc import Iterator

import psycopg

OPEN = 10000
ASSIGN = "SELECT app.assign_in_order(%s, %s, %s, %s)"
CASES = 400


def assignments(count: int, receipts: int, *, ordered: bool) -> Iterator[tuple[int, ...]]:
    """Yield every way to give receipts a charge of their own, 0 for none."""
    if receipts == 0:
        yield ()
        return
    for rest in assignments(count, receipts - 1, ordered=ordered):
        yield (*rest, 0)
        taken = max(rest, default=0) if ordered else 0
        for charge in range(taken + 1, count + 1):
            if charge not in rest:
                yield (*rest, charge)


def cost(
    charges: list[int], receipts: list[int], may: list[int], chosen: tuple[int, ...]
) -> int | None:
    """Return what an assignment costs; None when it holds a pair that may not be."""
    total = OPEN * (len(charges) + len(receipts) - 2 * sum(map(bool, chosen)))
    for number, charge in enumerate(chosen):
        if charge:
            if not may[(charge - 1) * len(receipts) + number]:
                return None
            total += abs(charges[charge - 1] - receipts[number])
    return total


def tried(
    charges: list[int], receipts: list[int], may: list[int], *, ordered: bool
) -> list[tuple[int, tuple[int, ...]]]:
    """Return every assignment that may be, with its cost."""
    found = []
    for chosen in assignments(len(charges), len(receipts), ordered=ordered):
        price = cost(charges, receipts, may, chosen)
        if price is not None:
            found.append((price, chosen))
    return found


def test_no_assignment_is_better_and_what_stands_is_clearly_ahead(
    owner: psycopg.Connection,
) -> None:
    """The cost is that of the best of all; each lead is that over the best one without the pair."""
    rng = random.Random(7)  # noqa: S311 - figures, not secrets
    doubts = 0
    for _ in range(CASES):
        charges = sorted(rng.randrange(14) for _ in range(rng.randrange(1, 6)))
        receipts = sorted(rng.randrange(-2, 17) for _ in range(rng.randrange(1, 6)))
        may = [int(-3 <= r - c <= 7) for c in charges for r in receipts]
        clear = rng.randrange(1, 4)
        row = owner.execute(ASSIGN, [charges, receipts, may, clear]).fetchone()
        assert row is not None
        answer = row[0]
        best = min(price for price, _ in tried(charges, receipts, may, ordered=False))
        assert answer[-1] == best, (charges, receipts)
        ordered = tried(charges, receipts, may, ordered=True)
        assert min(ordered)[0] == best, (charges, receipts)
        for number, receipt in enumerate(receipts):
            given, lead, distance = answer[3 * number : 3 * number + 3]
            day = charges[abs(given) - 1] if given else None
            others = [
                price
                for price, chosen in ordered
                if (charges[chosen[number] - 1] if chosen[number] else None) != day
                or not chosen[number]
            ]
            assert lead == min(others) - best, (charges, receipts, number)
            if given:
                assert distance == abs(charges[abs(given) - 1] - receipt)
                assert (given < 0) == (lead < (1 if distance == 0 else clear))
                doubts += given < 0
    assert doubts > CASES // 10
