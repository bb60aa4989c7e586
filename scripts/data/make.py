"""Computes the data files of this folder that are not plain facts: `python make.py`, with NumPy.

`planets.csv` has facts: mean distance from the sun (astronomical units), orbital period (years), inclination of the
orbit (degrees), radius (kilometres), and a colour by eye.
"""

import itertools
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent


def terrain(size=96, seed=4):
    """Heights of a periodic landscape: noise whose waves are the lower the shorter they are."""
    rng = np.random.default_rng(seed)
    waves = np.fft.rfft2(rng.normal(size=(size, size)))
    length = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]) * size
    waves *= np.where(length > 0, 1 / np.maximum(length, 1) ** 2.1, 0)
    height = np.fft.irfft2(waves, (size, size))
    height = (height - height.min()) / np.ptp(height)
    np.save(HERE / "terrain.npy", height.astype("f4"))


def buckyball():
    """The 60 atoms of a C60 molecule as a PLY mesh: vertices, and the two vertices of each of the 90 bonds."""
    golden = (1 + 5**0.5) / 2
    kinds = [(0, 1, 3 * golden), (1, 2 + golden, 2 * golden), (golden, 2, 2 * golden + 1)]
    points = set()
    for kind in kinds:
        for signs in itertools.product([1, -1], repeat=3):
            x, y, z = (s * k for s, k in zip(signs, kind))
            points |= {(x, y, z), (y, z, x), (z, x, y)}
    points = sorted({tuple(round(c + 0.0, 6) for c in p) for p in points})
    assert len(points) == 60
    bonds = [(i, j) for i in range(60) for j in range(i) if abs(np.linalg.norm(np.subtract(points[i], points[j])) - 2) < 1e-3]
    assert len(bonds) == 90
    with open(HERE / "buckyball.ply", "w") as file:
        file.write("ply\nformat ascii 1.0\ncomment C60, edges of length 2\nelement vertex 60\n")
        file.write("property float x\nproperty float y\nproperty float z\n")
        file.write("element edge 90\nproperty int vertex1\nproperty int vertex2\nend_header\n")
        file.writelines(f"{x:g} {y:g} {z:g}\n" for x, y, z in points)
        file.writelines(f"{i} {j}\n" for i, j in bonds)


terrain()
buckyball()
