"""Reads data files with NumPy, pandas and polars, to compare with `cargo bench --bench io -- FILE...`.

    python -m venv venv && venv/bin/pip install numpy pandas pyarrow polars && venv/bin/python benches/io_peer.py FILE...

Prints the best of five, as the bench does. Peak memory is that of a process that reads the file once.
"""

import subprocess
import sys
import time

READERS = {
    "npy": ["numpy.load"],
    "npz": ["numpy.load"],
    "csv": ["polars.read_csv", "pandas.read_csv"],
    "parquet": ["polars.read_parquet", "pandas.read_parquet"],
}


def once(reader, path):
    import importlib

    module, name = reader.split(".")
    read = getattr(importlib.import_module(module), name)
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        result = read(path)
        if path.endswith("npz"):
            result = {key: result[key] for key in result}
        times.append(time.perf_counter() - begin)
        del result
    with open("/proc/self/status") as status:
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    print(f"{path:<28} {reader:<20} {min(times):8.3f} s {int(peak) / 1000:8.0f} MB at most")


if len(sys.argv) == 4 and sys.argv[1] == "--once":
    once(sys.argv[2], sys.argv[3])
else:
    for path in sys.argv[1:]:
        for reader in READERS[path.rsplit(".", 1)[1]]:
            subprocess.run([sys.executable, __file__, "--once", reader, path], check=True)
