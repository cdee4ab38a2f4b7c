"""One clock: a moment within its range, or what is live."""

from models.timeline.clock import Clock


def test_a_moment_stays_within_the_range_and_the_same_one_again_is_silent():
    clock, heard = Clock(), []
    clock.changed.connect(lambda: heard.append(clock.moment_us))
    clock.set_range((10, 20))
    for moment in (15, 15, 99):
        clock.go(moment)
    clock.set_range((10, 12))
    clock.go_live()
    clock.go_live()
    assert heard == [15, 20, 12, None]
    assert clock.is_live
