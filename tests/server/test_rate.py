"""The window of a minute that each client has."""

from itertools import count

from maskkit.server.rate import RateLimit


def test_the_windows_end_is_told_once_whatever_the_clocks_do():
    now, wall = [0.0], [1_591_026_507.0]
    limit = RateLimit(500, now=lambda: now[0], wall=lambda: wall[0])
    told = []
    for later in (0.0, 10.4, 20.7, 59.9):
        now[0], wall[0] = later, 1_591_026_507.0 + 1.01 * later  # a wall's clock runs and is set differently
        limit.take("shop", 1)
        told.append(limit.left("shop").reset)
    assert told == [1_591_026_567] * 4  # as recorded: the first call and 60, the same for all later ones
    now[0] = wall[0] = 1e9
    limit.take("shop", 1)
    assert limit.left("shop").reset == 1e9 + 60


def test_units_of_work_that_was_let_in_count_also_beyond_the_limit():
    limit = RateLimit(10, now=lambda: 0.0)
    assert limit.take("shop", 1)
    assert limit.take("shop", 9)
    limit.charge("shop", 24)  # the first one had 25 megapixels, as is known afterwards
    assert not limit.take("shop", 1)
    limit.charge("shop", -24)  # and if it fails, no more than its own is given back
    assert limit.left("shop").remaining == 0


def test_what_is_given_back_begins_no_window():
    limit = RateLimit(10, now=lambda: 0.0, wall=count(1000).__next__)
    limit.charge("shop", -1)
    first, second = limit.left("shop").reset, limit.left("shop").reset
    assert second > first  # still none
    limit.take("shop", 1)
    assert limit.left("shop") == limit.left("shop")
