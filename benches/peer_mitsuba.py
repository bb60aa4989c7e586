"""Mitsuba 3 on the scenes of `plotrt bench`, for figures side by side: same data, light, camera, path length.

Set-up:  python3 -m venv v && v/bin/pip install mitsuba numpy
         llvm_ad_rgb also wants an LLVM library: Debian's libllvm19, and DRJIT_LIBLLVM_PATH naming its libLLVM .so
Usage:   peer_mitsuba.py CASE [CASE ...] [--spp N] [--roulette] [--reference N] [--variant V] [--count N]
         cuda_ad_rgb wants an NVIDIA GPU
Prints one line of JSON; of several cases, a line each. Paths have up to 6 segments, in `cloud` and `cubes` up to 8 with
roulette after the fourth, as `plotrt bench --path-seg-range 4,8` has them. With --reference, errors (root of the mean square over pixels and channels, linear) of
1, 2, 4 ... N samples a pixel against an image of its own with that many.
"""

import argparse
import json
import resource
import time

import drjit as dr
import mitsuba as mi
import numpy as np


def uniform(count, low, high, state):
    """`count` numbers of SplitMix64 from `state` on, as src/cli/bench/scenes.rs draws them."""
    index = np.arange(1, count + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = np.uint64(state) + index * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return low + (high - low) * ((z >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24))


def random_points_and_sizes(count, per_size, low, high):
    numbers = uniform(count * (3 + per_size), 0.0, 1.0, 1)
    points = (numbers[: 3 * count].reshape(-1, 3) * 3.0 - 1.5).astype(np.float32)
    sizes = (low + (high - low) * numbers[3 * count :]).reshape(count, per_size).astype(np.float32)
    return points, sizes


def seed_arrays(t=0.7):
    step = 0.5
    pos = np.mgrid[0:5:step, 0:5:step, 0:5:step].reshape(3, -1).T
    pia = np.pi / 5
    wave = lambda x: (0.5 * step * (1 + np.sin(x)))[:, None]
    u = wave(pia * pos[:, 0] + 1.7 * t) * np.array([np.cos(t), np.sin(t), 0])
    v = wave(pia * pos[:, 1] + 1.3 * t) * np.array([-np.sin(t), np.cos(t), 0])
    w = wave(2 * pia * pos[:, 2] + t) * np.array([0, 0, 1])
    return pos, u, v, w


def box_mesh(bsdf, pos, u, v, w):
    """Parallelepipeds as twelve triangles each."""
    faces = [0, 2, 3, 0, 3, 1, 4, 5, 7, 4, 7, 6, 0, 1, 5, 0, 5, 4, 2, 6, 7, 2, 7, 3, 0, 4, 6, 0, 6, 2, 1, 3, 7, 1, 7, 5]
    corners = np.stack([pos + i * u + j * v + k * w for k in (0, 1) for j in (0, 1) for i in (0, 1)], 1)
    indices = np.array(faces, np.uint32) + 8 * np.arange(len(pos), dtype=np.uint32)[:, None]
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict(bsdf)
    mesh = mi.Mesh("boxes", 8 * len(pos), 12 * len(pos), has_vertex_normals=False, props=properties)
    parameters = mi.traverse(mesh)
    parameters["vertex_positions"] = corners.astype(np.float32).reshape(-1)
    parameters["faces"] = indices.reshape(-1)
    parameters.update()
    return mesh


def spheres(bsdf, centers, radii):
    """The only shape of Mitsuba that takes a million spheres.

    At these radii its single-precision intersections are wrong and its images too bright (20 000 spheres: 0.31
    instead of 0.26 on average; single "sphere" shapes give what plotrt gives), so only times compare.
    """
    quaternions = np.zeros((len(centers), 4), np.float32)
    quaternions[:, 3] = 1
    return {
        "type": "ellipsoids",
        "extent": 1.0,  # the default makes spheres of three times the radius
        "centers": mi.TensorXf(centers),
        "scales": mi.TensorXf(np.repeat(radii, 3, 1)),
        "quaternions": mi.TensorXf(quaternions),
        "bsdf": bsdf,
    }


def cloud_arrays(count):
    """Spheres as `plotrt bench cloud` has them."""
    return random_points_and_sizes(count, 1, 0.2 * 0.0084, 0.0084)


def cube_arrays(count):
    """Cubes with the centres and volumes of those spheres."""
    centers, radii = cloud_arrays(count)
    edges = np.float32((4 / 3 * np.pi) ** (1 / 3)) * radii
    return (centers - 0.5 * edges, *(edges * axis for axis in np.eye(3, dtype=np.float32)))


def load(args, case):
    bsdf = {"type": "diffuse", "reflectance": {"type": "rgb", "value": 0.8}}
    width, height, eye, target = 960, 540, [0, 0, -5], [0, 0, 0]
    sky, depth, roulette = [0.1, 0.2, 0.3], 6, 5 if args.roulette else 100
    if case == "seed":
        width, height, eye, target = 500, 500, [10, 10, 10], [2.5, 2.5, 2.5]
        arrays = seed_arrays()
    elif case == "boxes":
        pos, edges = random_points_and_sizes(args.count, 3, 0.003, 0.01)
        arrays = (pos, *(edges * axis for axis in np.eye(3, dtype=np.float32)))
    elif case == "spheres":
        arrays = random_points_and_sizes(args.count, 1, 0.0025, 0.009)
    else:
        width, height, eye = 1920, 1080, [2, 1.5, 3.5]
        sky, depth, roulette = [0.3, 0.35, 0.4], 8, 4
        arrays = cloud_arrays(args.count) if case == "cloud" else cube_arrays(args.count)
    # Before black, as it is in `cloud` and `cubes`.
    hidden = case in ("cloud", "cubes")
    if args.size:
        width, height = (int(x) for x in args.size.split("x"))
    if args.segments:
        depth = args.segments
    clock = time.perf_counter()
    data = spheres(bsdf, *arrays) if case in ("spheres", "cloud") else box_mesh(bsdf, *arrays)
    lamp, lamp_radius = [1.5 * eye[0] + 3, 1.5 * eye[1] + 6, 1.5 * eye[2]], 4
    if case in ("cloud", "cubes"):
        lamp, lamp_radius = [4, 6, 5], 1.5
    scene = mi.load_dict(
        {
            "type": "scene",
            "integrator": {"type": "path", "max_depth": depth, "rr_depth": roulette, "hide_emitters": hidden},
            "sensor": {
                "type": "perspective",
                "fov": 40,
                "fov_axis": "y",
                "to_world": mi.ScalarTransform4f().look_at(origin=eye, target=target, up=[0, 1, 0]),
                "film": {
                    "type": "hdrfilm",
                    "width": width,
                    "height": height,
                    "pixel_format": "rgb",
                    "rfilter": {"type": "box"},
                },
            },
            "sky": {"type": "constant", "radiance": {"type": "rgb", "value": sky}},
            "lamp": {
                "type": "sphere",
                "center": lamp,
                "radius": lamp_radius,
                "emitter": {"type": "area", "radiance": {"type": "rgb", "value": [9.9, 9.5, 9.1]}},
            },
            "data": data,
        }
    )
    dr.sync_thread()
    return scene, time.perf_counter() - clock


def render(scene, spp, seed):
    clock = time.perf_counter()
    image = mi.render(scene, spp=spp, seed=seed)
    dr.eval(image)
    dr.sync_thread()
    return np.array(image, np.float64), time.perf_counter() - clock


def measure(args, case):
    scene, setup = load(args, case)
    _, first = render(scene, 1, 0)
    image, _ = render(scene, args.spp, 1)
    block = sorted(render(scene, args.spp, seed)[1] for seed in range(2, 7))[2]
    single = sorted(render(scene, 1, seed)[1] for seed in range(2, 7))[2]
    errors = []
    if args.reference:
        reference = np.mean([render(scene, 64, 100 + k)[0] for k in range(max(1, args.reference // 64))], 0)
        spp = 1
        while spp <= args.spp:
            render(scene, spp, 5)  # compiles for this number of samples
            sample, taken = render(scene, spp, 6)
            rmse = float(np.sqrt(np.mean((sample - reference) ** 2)))
            errors.append({"passes": spp, "seconds": taken, "rmse": rmse})
            spp *= 2
    return {
        "case": case,
        "device": f"mitsuba {mi.__version__} {args.variant}",
        "width": image.shape[1],
        "height": image.shape[0],
        "setup_s": setup,
        "first_pass_s": first,
        "pass_ms": block / args.spp * 1e3,
        "single_pass_ms": single * 1e3,
        "mean": image.mean((0, 1)).tolist(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "convergence": errors,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="+", choices=["seed", "spheres", "boxes", "cloud", "cubes"])
    parser.add_argument("--variant", default="llvm_ad_rgb")
    parser.add_argument("--spp", type=int, default=16)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--size", help="WxH")
    parser.add_argument("--segments", type=int, help="of a path, at most")
    parser.add_argument("--roulette", action="store_true", help="from the fifth segment on")
    parser.add_argument("--reference", type=int, default=0)
    args = parser.parse_args()
    mi.set_variant(args.variant)
    for case in args.cases:
        print(json.dumps(measure(args, case)), flush=True)


if __name__ == "__main__":
    main()
