"""The protocol by which Credence alternates with a peer, whatever the peer computes with.

A peer is started once. It loads its model, warms up, writes one line of JSON about itself, and then answers every line on its standard input
by doing its work once and writing one line of JSON: {"seconds": ..., "processor": ..., ...}, the latter of all its threads. The clock runs
inside the process, around the work alone. In between it waits for input and takes no processor time.
"""

import json
import sys
import time


def take(work, about, warm_up, answers=sys.stdout):
    """Runs work() a few times, says what about() tells, and runs it once for every line of input. It returns figures by which it is checked."""
    for _ in range(warm_up):
        work()
    print(json.dumps(about()), file=answers, flush=True)
    for _ in sys.stdin:
        began, processor = time.perf_counter(), time.process_time()
        figures = work()
        times = {"seconds": time.perf_counter() - began, "processor": time.process_time() - processor}
        print(json.dumps({**times, **figures}), file=answers, flush=True)
