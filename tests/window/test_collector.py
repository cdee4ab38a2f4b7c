"""Rubbish is collected on the thread of the window, whoever made it."""

import gc
import threading

from tests.support.window import spin


class Knot:
    """Holds itself, so that only the collector finds it; notes on which thread it went."""

    def __init__(self, went):
        self.itself, self.went = self, went

    def __del__(self):
        self.went.append(threading.current_thread())


def test_no_job_collects_what_the_window_left_behind(application):
    went = []

    def work():
        Knot(went)
        rubbish = [[] for _ in range(100_000)]  # trips a collector that is on
        del rubbish

    before = gc.isenabled()
    job = threading.Thread(target=work)
    job.start()
    job.join()
    assert (before, went) == (False, [])
    kept = [[] for _ in range(1_000)]
    spin(seconds=1.2)
    del kept
    assert went == [threading.main_thread()]
