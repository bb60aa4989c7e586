"""Writes the data files of this folder with the programs that users have: NumPy, pandas, pyarrow, plyfile, Pillow.

    python -m venv venv && venv/bin/pip install numpy pandas pyarrow plyfile pillow && venv/bin/python make.py

The files are committed, so that the tests need none of these. `tests/array_io.rs` says what is in them.
"""

import datetime
import decimal
import pathlib
import sys

import numpy as np
import pandas as pd
import plyfile
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

HERE = pathlib.Path(__file__).parent

SIGNED = [[-2, -1, 0], [1, 2, 127]]
UNSIGNED = [[0, 1, 2], [3, 4, 255]]
FLOATS = [[-1.5, 0, 0.25], [np.nan, np.inf, 1000]]
BOOLS = [[True, False, True], [False, False, True]]


def npy():
    for order in "<>":
        for name, values in [("i", SIGNED), ("u", UNSIGNED), ("f", FLOATS)]:
            for size in [1, 2, 4, 8]:
                if (name == "f" or order == ">") and size == 1:
                    continue
                end = "big" if order == ">" else "little"
                np.save(HERE / f"{name}{size}_{end}.npy", np.array(values).astype(f"{order}{name}{size}"))
    np.save(HERE / "bool.npy", np.array(BOOLS))
    cube = np.arange(24).reshape(2, 3, 4)
    np.save(HERE / "fortran_i4.npy", np.asfortranarray(cube.astype("i4")))
    np.save(HERE / "fortran_f8.npy", np.asfortranarray(cube.astype("f8")))
    np.save(HERE / "scalar.npy", np.array(2.5))
    np.save(HERE / "empty.npy", np.zeros((0, 3), "f4"))
    for version in [(2, 0), (3, 0)]:
        with open(HERE / f"version{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, np.arange(3.0), version=version)
    np.save(HERE / "bad_complex.npy", np.zeros(2, complex))
    np.save(HERE / "bad_text.npy", np.array(["a", "bc"]))
    np.save(HERE / "bad_times.npy", np.array(["2024-01-05"], "datetime64[D]"))
    np.save(HERE / "bad_records.npy", np.zeros(2, [("x", "f4"), ("n", "i4")]))
    np.save(HERE / "bad_objects.npy", np.array([{}, 1], object), allow_pickle=True)
    np.save(HERE / "bad_u8.npy", np.array([1, 2**63], "u8"))
    np.savez(HERE / "plain.npz", pos=np.array([[1.0, 2.0], [3.0, 4.0]]), ids=np.array([7, 8], "u2"), on=np.bool_(True))
    np.savez_compressed(HERE / "packed.npz", wave=np.zeros(500, "f4"), cube=np.asfortranarray(cube.astype(">i2")))


def frame():
    return pd.DataFrame(
        {
            "town": ["Linz", 'say "hi"', "a,b", "Übersee", None],
            "people": [1, 2, 3, 4, 5],
            "height": [1.5, None, -2e-9, 1e300, 0.1],
            "some": pd.array([1, None, 3, 4, 5], "Int64"),
            "on": [True, False, True, True, False],
        }
    )


def tables():
    frame().to_csv(HERE / "pandas.csv", index=False)
    frame().to_csv(HERE / "pandas_excel.csv", index=False, sep=";", decimal=",", encoding="utf-8-sig", lineterminator="\r\n")
    np.savetxt(HERE / "savetxt.txt", np.array([[1.0, 2.5, -3.0], [4.0, 1e-20, 6.0]]), header="x y z")
    frame().to_json(HERE / "records.json", orient="records", lines=False)


def parquet():
    frame().to_parquet(HERE / "pandas.parquet")
    day = datetime.date(1970, 1, 3)
    time = datetime.datetime(2001, 9, 9, 1, 46, 40, 500000)
    table = pa.table(
        {
            "i8": pa.array([-1, None, 3], pa.int8()),
            "u32": pa.array([0, 1, 2**32 - 1], pa.uint32()),
            "u64": pa.array([0, 1, 2**63 - 1], pa.uint64()),
            "f16": pa.array(np.array([0.5, -2, np.inf], np.float16)),
            "f32": pa.array([0.5, None, 2.5], pa.float32()),
            "flag": pa.array([True, None, False]),
            "day": pa.array([day, None, day]),
            "ms": pa.array([time, None, time], pa.timestamp("ms")),
            "ns": pa.array([time, None, time], pa.timestamp("ns")),
            "price": pa.array([decimal.Decimal("12.34"), None, decimal.Decimal("-0.05")], pa.decimal128(9, 2)),
            "at": pa.array([{"x": 1, "y": 2.5}, None, {"x": 3, "y": None}], pa.struct([("x", pa.int64()), ("y", pa.float64())])),
            "lists": pa.array([[1], [], [2, 3]], pa.list_(pa.int64())),
        }
    )
    pq.write_table(table, HERE / "kinds.parquet", compression="zstd", row_group_size=2)
    few = pa.table({"n": pa.array(range(100), pa.int32()), "word": pa.array(["a", "b"] * 50)})
    for compression in ["none", "gzip", "lz4"]:
        pq.write_table(few, HERE / f"{compression}.parquet", compression=compression, data_page_version="2.0")
    old = pa.table({"t": pa.array([time, time], pa.timestamp("ns"))})
    pq.write_table(old, HERE / "int96.parquet", use_deprecated_int96_timestamps=True)
    pq.write_table(pa.table({"n": pa.array([1, 2**63], pa.uint64())}), HERE / "bad_u64.parquet")


def ply():
    vertex = np.array(
        [(0, 0, 0.5, 255), (1, 0, -1.5, 0), (0, 1, 2, 7), (1, 1, 3, 8)],
        [("x", "f4"), ("y", "f4"), ("z", "f8"), ("red", "u1")],
    )
    triangles = np.array([([0, 1, 2], -5), ([1, 2, 3], 6)], [("vertex_indices", "i4", (3,)), ("tag", "i1")])  # of two bytes, plyfile 1.1 would swap too few
    mixed = np.empty(2, [("vertex_indices", object)])
    mixed["vertex_indices"] = [np.array([0, 1, 2], "u4"), np.array([0, 1, 3, 2], "u4")]
    vertices = plyfile.PlyElement.describe(vertex, "vertex")
    faces = plyfile.PlyElement.describe(triangles, "face")
    polygons = plyfile.PlyElement.describe(mixed, "face", val_types={"vertex_indices": "u4"})
    for name, order in [("little", "<"), ("big", ">")]:
        plyfile.PlyData([vertices, faces], byte_order=order).write(HERE / f"{name}.ply")
        plyfile.PlyData([vertices, polygons], byte_order=order).write(HERE / f"polygons_{name}.ply")
    plyfile.PlyData([vertices, faces], text=True, comments=["by plyfile"]).write(HERE / "text.ply")
    plyfile.PlyData([polygons], text=True).write(HERE / "polygons_text.ply")


def texts():
    words = np.array(["a", "Übersee", ""])
    np.save(HERE / "words.npy", words)
    np.save(HERE / "words_big.npy", words.astype(">U7"))
    np.savez(HERE / "words.npz", x=np.arange(3.0), labels=words, codes=np.array([b"ab", b"c"]), title=np.array("run 7"))
    np.savez(HERE / "mixed.npz", x=np.arange(3.0), z=np.zeros(2, complex), grid=np.array([["a", "b"]]))


def parquet_more():
    delta = datetime.timedelta
    laps = [delta(seconds=90), None, delta(seconds=125, milliseconds=500)]
    table = pa.table(
        {
            "s": pa.array([1, None, 3], pa.duration("s")),
            "ms": pa.array(laps, pa.duration("ms")),
            "us": pa.array(laps, pa.duration("us")),
            "ns": pa.array(laps, pa.duration("ns")),
            "at": pa.array([{"lap": laps[0]}, None, {"lap": laps[2]}], pa.struct([("lap", pa.duration("us"))])),
            "n": pa.array([1, 2, 3]),
        }
    )
    pq.write_table(table, HERE / "durations.parquet", compression="none")
    pq.write_table(pa.table({"n": [1, 2, 3]}), HERE / "brotli.parquet", compression="brotli")
    twice = pa.table([[1, 2], [3.5, 4.5], ["a", "b"]], names=["x", "x", "y"])
    pq.write_table(twice, HERE / "twice.parquet", compression="none")


def pictures():
    rgb = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[0, 0, 0], [51, 102, 204], [255, 255, 255]]], np.uint8)
    image = Image.fromarray(rgb)
    for name in ["rgb.png", "rgb.tif", "rgb.webp"]:
        image.save(HERE / name, **({"lossless": True} if name.endswith("webp") else {}))
    image.resize((8, 8)).save(HERE / "rgb.jpg")
    Image.fromarray(np.dstack([rgb, [[0, 51, 102], [153, 204, 255]]]).astype(np.uint8)).save(HERE / "rgba.png")
    Image.fromarray(rgb[:, :, 0]).save(HERE / "grey.png")
    image.quantize(8).save(HERE / "palette.gif")
    Image.fromarray(np.array([[0, 65535], [13107, 257]], np.uint16)).save(HERE / "grey16.png")


npy()
tables()
parquet()
ply()
texts()
parquet_more()
pictures()
size = sum(path.stat().st_size for path in HERE.iterdir())
print(f"{size} bytes in {HERE}", file=sys.stderr)
