"""What pictures cost is learned per format and by megapixels, and doubted where it is a guess."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.forecast.costs import OVERHEAD_S, Costs
from pixelcraft_desktop.forecast.kinds import KINDS, OTHER, kind_of
from pixelcraft_desktop.forecast.load import Item, Load, item_seconds, make_item


@pytest.mark.parametrize(
    ("path", "format_name", "kind"),
    [
        (b"/p/IMG_1.JPG", None, "JPEG"),
        (b"/p/a.tif", None, "TIFF"),
        (b"/p/a.tif", "JPEG", "JPEG"),
        (b"/p/\xff.heif", None, "HEIC"),
        (b"/p.d/none", None, OTHER),
        (b"/p/a.ico", "ICO", OTHER),
    ],
)
def test_the_kind_is_the_true_format_or_a_guess(
    path: bytes, format_name: str | None, kind: str
) -> None:
    assert kind_of(path, format_name) == kind


def test_before_anything_is_measured_the_shipped_figures_stand() -> None:
    costs = Costs()
    assert not costs.is_measured
    megapixels = costs.megapixels("TIFF", 100.0)
    assert megapixels == pytest.approx(33.0)
    assert costs.seconds("TIFF", 1, megapixels) == pytest.approx(OVERHEAD_S + 0.03 * 33)
    assert costs.doubt("TIFF", 100, megapixels) > 0.5


def test_a_hundred_pictures_are_enough_to_know_a_format() -> None:
    costs = Costs()
    for number in range(100):
        megapixels = 4.0 + number % 20
        costs.learn("JPEG", megapixels, megapixels / 2.0, 0.05 + 0.01 * megapixels)
    assert costs.megapixels("JPEG", 10.0) == pytest.approx(20.0, rel=0.02)
    assert costs.seconds("JPEG", 10, 120.0) == pytest.approx(0.5 + 1.2, rel=0.05)
    assert costs.doubt("JPEG", 100, 1_200.0) < 0.15


def test_small_ones_say_little_of_large_ones_and_the_doubt_says_so() -> None:
    costs = Costs()
    for _ in range(200):  # the overhead of a slow disk, and nothing else to learn from
        costs.learn("JPEG", 0.3, 0.1, 0.2)
    small, large = costs.seconds("JPEG", 1, 0.3), costs.seconds("JPEG", 1, 24.0)
    assert small == pytest.approx(0.2, rel=0.1)
    assert large < 2.0  # in proportion to the megapixels it would be 16 s
    assert costs.doubt("JPEG", 100, 2_400.0) > 3 * costs.doubt("JPEG", 100, 30.0)


def test_a_slow_machine_is_slow_at_formats_not_met_yet() -> None:
    costs = Costs()
    shipped = costs.seconds("TIFF", 1, 20.0)
    for number in range(50):
        megapixels = 1.0 + number % 24
        seconds = 3 * (OVERHEAD_S + KINDS["JPEG"].seconds_per_mp * megapixels)
        costs.learn("JPEG", megapixels, megapixels / 3, seconds)
    assert costs.seconds("TIFF", 1, 20.0) == pytest.approx(3 * shipped, rel=0.1)


def test_what_is_measured_of_late_counts_more() -> None:
    costs = Costs()
    for seconds in (0.1, 0.4):
        for _ in range(300):
            costs.learn("PNG", 8.0, 4.0, seconds)
    assert costs.seconds("PNG", 1, 8.0) == pytest.approx(0.4, rel=0.06)


def test_nonsense_teaches_nothing() -> None:
    costs = Costs()
    for values in ((0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, -1.0), (math.nan, 1.0, 1.0)):
        costs.learn("JPEG", *values)
    assert not costs.is_measured


SIZES = st.integers(1, 2_000_000_000)
ITEMS = st.builds(Item, st.sampled_from(sorted(KINDS)), SIZES, st.integers(0, 200_000_000))
MEASURED = st.tuples(
    st.sampled_from(sorted(KINDS)),
    st.floats(1e-6, 200),
    st.floats(1e-6, 2_000),
    st.floats(0, 600),
)


@given(st.lists(MEASURED, max_size=30), st.lists(ITEMS, min_size=1, max_size=20))
def test_whatever_was_measured_a_forecast_is_a_time(
    measured: list[tuple[str, float, float, float]], items: list[Item]
) -> None:
    costs, load = Costs(), Load()
    for each in measured:
        costs.learn(*each)
    for item in items:
        load.add(item)
    estimate = load.estimate(costs)
    assert 0 < estimate.seconds < math.inf
    assert 0 < estimate.spread < math.inf
    alone = sum(item_seconds(item, costs) for item in items)
    assert estimate.seconds == pytest.approx(alone, rel=1e-6)
    for item in items:
        load.take(item)
    assert load.count == 0
    assert load.estimate(costs).seconds == 0


def test_the_size_of_the_picture_goes_before_that_of_the_file() -> None:
    costs = Costs()
    read = make_item(b"a.jpg", 1_000, 6_000, 4_000, None)
    unread = make_item(b"a.jpg", 8_000_000, None, None, None)
    assert item_seconds(read, costs) == pytest.approx(item_seconds(unread, costs))
