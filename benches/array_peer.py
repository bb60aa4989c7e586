"""NumPy's part of `cargo bench --bench array`: sums, orders, copies.

    python -m venv venv && venv/bin/pip install numpy && venv/bin/python benches/array_peer.py
"""

import time

import numpy as np

RUNS = 9
COUNT = 10_000_000


def measure(name, f):
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        result = f()
        times.append((time.perf_counter() - begin) * 1e3)
        del result
    times.sort()
    print(f"{name:<48} {times[0]:9.3f} ms (median of {RUNS}: {times[RUNS // 2]:.3f})", flush=True)


generator = np.random.default_rng(7)
x = generator.random(COUNT)
measure("random, 10 M", lambda: generator.random(COUNT))
measure("sum, 10 M", lambda: x.sum())
measure("sort, 10 M", lambda: np.sort(x))
measure("argsort, 10 M", lambda: np.argsort(x))
measure("every second element, copied, 10 M", lambda: x[::2].copy())
