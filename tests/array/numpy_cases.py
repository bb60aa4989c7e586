"""Random array expressions with what NumPy makes of them: the cases of tests/array/numpy.rs.

    pip install numpy
    python tests/array/numpy_cases.py --count 1500 --seed 1 > tests/array/numpy_cases.json

Other seeds and counts go into a file of their own; PLOTRT_NUMPY_CASES=FILE lets the test run that one.
"""

import argparse
import json
import math
import random
import warnings

import numpy as np

warnings.simplefilter("ignore")
np.seterr(all="ignore")

DTYPES = ["float64", "float32", "int64", "bool"]


class Skip(Exception):
    """An expression that is no fair comparison."""


class Value:
    """Text for the script, value in NumPy, and whether rounding may differ."""

    def __init__(self, text, value, exact=True):
        if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
            value = value.item()
        self.text, self.value, self.exact = text, value, exact

    @property
    def is_array(self):
        return isinstance(self.value, np.ndarray)

    @property
    def dtype(self):
        return str(self.value.dtype) if self.is_array else type(self.value).__name__


def literal(x):
    """A number or nested lists as the script writes them."""
    if isinstance(x, list):
        return "[" + ", ".join(literal(e) for e in x) + "]"
    if isinstance(x, bool):
        return "true" if x else "false"
    if isinstance(x, int):
        return str(x)
    return repr(x) if "e" not in repr(x) else format(x, ".20f")


def shape_like(rng, base):
    """A shape that mostly broadcasts with `base`."""
    dims = [1 if rng.random() < 0.25 else d for d in base[rng.randrange(len(base) + 1) :]] if base else []
    if rng.random() < 0.05:
        dims = dims[:-1] + [rng.randint(1, 4)]
    return dims


def leaf_array(rng, dims):
    dtype = rng.choice(DTYPES)
    size = math.prod(dims)
    if dtype == "bool":
        flat = [rng.random() < 0.5 for _ in range(size)]
    elif dtype == "int64":
        flat = [rng.randint(-6, 6) for _ in range(size)]
    else:
        flat = [rng.randint(-24, 24) / 8 for _ in range(size)]
    if not dims:
        return Value(f"({literal(flat[0])})", flat[0])
    value = np.array(flat, dtype=dtype).reshape(dims)
    text = f'array({literal(value.tolist())}, "{dtype}")'
    if size == 0:
        text = f'zeros({literal(list(dims))}, "{dtype}")'
    return Value(text, value)


def leaf(rng, base):
    kind = rng.random()
    if kind < 0.2:
        x = rng.choice([rng.randint(-4, 4), rng.randint(-16, 16) / 4])
        return Value(f"({literal(x)})" if x < 0 else literal(x), x)
    if kind < 0.3 and base:
        row = [rng.choice([rng.randint(-3, 3), rng.randint(-8, 8) / 4]) for _ in range(base[-1])]
        return Value(literal(row), np.array(row))
    return leaf_array(rng, shape_like(rng, base))


ARITHMETIC = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "%": np.mod, "**": np.power}
COMPARE = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
BITS = {"&": np.bitwise_and, "|": np.bitwise_or, "^": np.bitwise_xor}
PAIRS = {
    "minimum": np.minimum,
    "maximum": np.maximum,
    "atan2": np.arctan2,
    "hypot": np.hypot,
    "floor_divide": np.floor_divide,
    "copysign": np.copysign,
}
UNARY = {
    "abs": np.abs,
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "ln": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc,
    "round": np.round,
    "sign": np.sign,
    "square": np.square,
    "radians": np.radians,
    "degrees": np.degrees,
    "isnan": np.isnan,
    "isfinite": np.isfinite,
    "isinf": np.isinf,
}
STEPS = {"floor", "ceil", "trunc", "round", "sign"}
EXACT = {"abs", "sqrt", "floor", "ceil", "trunc", "round", "sign", "square", "isnan", "isfinite", "isinf"}


def binary(rng, base, depth):
    a, b = expression(rng, base, depth - 1), expression(rng, base, depth - 1)
    # Two lists are no business of arrays, nor are two numbers.
    if not any(v.is_array and v.text[0] != "[" for v in (a, b)):
        b = leaf_array(rng, base)
    group = rng.choice(["arithmetic"] * 4 + ["compare", "bits", "pairs"])
    exact = a.exact and b.exact
    bools = {a.dtype, b.dtype} == {"bool"}
    if group == "arithmetic":
        op = rng.choice(list(ARITHMETIC))
        if op == "%" and (not exact or bools):
            raise Skip
        if op == "**":
            if bools or not exact:
                raise Skip
            exact = False
        if a.text[0] == "[" and op == "+" or op == "-" and bools and not (a.is_array and b.is_array):
            raise Skip
        # NumPy takes `array ** 2` of bools as int8.
        if op == "**" and "bool" in (a.dtype, b.dtype):
            raise Skip
        return Value(f"({a.text} {op} {b.text})", ARITHMETIC[op](a.value, b.value), exact)
    if group == "compare":
        if not exact:
            raise Skip
        op = rng.choice(list(COMPARE))
        if a.text[0] == "[":
            raise Skip
        return Value(f"({a.text} {op} {b.text})", COMPARE[op](a.value, b.value))
    if group == "bits":
        op = rng.choice(list(BITS))
        return Value(f"({a.text} {op} {b.text})", BITS[op](a.value, b.value))
    name = rng.choice(list(PAIRS))
    if (
        bools
        and name in ("floor_divide", "atan2", "hypot", "copysign")
        or name in ("floor_divide", "copysign", "atan2")
        and not exact
    ):
        raise Skip
    if a.text[0] == "[" and not b.is_array:
        raise Skip
    if name == "copysign" and np.any(np.asarray(b.value) == 0):
        raise Skip
    return Value(
        f"{name}({a.text}, {b.text})",
        PAIRS[name](a.value, b.value),
        exact and name in ("minimum", "maximum", "floor_divide", "copysign"),
    )


def unary(rng, base, depth):
    a = expression(rng, base, depth - 1)
    if not a.is_array or a.value.ndim == 0:
        a = leaf_array(rng, base)
    if rng.random() < 0.2:
        if a.text[0] == "[":
            raise Skip
        if rng.random() < 0.5:
            return Value(f"(-{a.text})", -a.value, a.exact)
        return Value(f"(!{a.text})", ~a.value)
    name = rng.choice(list(UNARY))
    if a.dtype == "bool" and name != "abs" or name in STEPS and not a.exact:
        raise Skip
    if name in ("isnan", "isfinite", "isinf") and not a.exact:
        raise Skip
    return Value(f"{name}({a.text})", UNARY[name](a.value), a.exact and name in EXACT)


def index_of(rng, length):
    kind = rng.random()
    if kind < 0.35:
        i = rng.randint(-length - (rng.random() < 0.1), length - (rng.random() > 0.05)) if length else 0
        return str(i) if i >= 0 else f"({i})", i
    if kind < 0.6:
        i, j = rng.randint(-length, length), rng.randint(-length - 1, length + 2)
        return f"({i}..{j})", slice(i, j)
    if kind < 0.85:
        ends = [rng.choice([None, rng.randint(-length - 1, length + 1)]) for _ in range(2)]
        step = rng.choice([1, 2, -1, -2, 3])
        text = ", ".join("()" if e is None else str(e) for e in ends)
        return f"slice({text}, {step})", slice(ends[0], ends[1], step)
    return "()", slice(None)


def part(rng, base, depth):
    a = expression(rng, base, depth - 1)
    if not a.is_array or a.text[0] == "[" or a.value.ndim == 0:
        a = leaf_array(rng, base)
    dims = a.value.shape
    if not dims:
        raise Skip
    kind = rng.random()
    if kind < 0.2:
        mask = np.array([rng.random() < 0.5 for _ in range(dims[0])])
        if not mask.size:
            raise Skip
        return Value(f"{a.text}[array({literal(mask.tolist())})]", a.value[mask], a.exact)
    if kind < 0.4 and dims[0]:
        places = [rng.randint(-dims[0], dims[0] - 1) for _ in range(rng.randint(1, 4))]
        return Value(f"{a.text}[{literal(places)}]", a.value[places], a.exact)
    if kind < 0.6:
        text, index = index_of(rng, dims[0])
        return Value(f"{a.text}[{text}]", a.value[index], a.exact)
    pairs = [index_of(rng, d) for d in dims[: rng.randint(1, min(3, len(dims)))]]
    return Value(f"{a.text}.at({', '.join(t for t, _ in pairs)})", a.value[tuple(i for _, i in pairs)], a.exact)


REDUCE = {
    "sum": np.sum,
    "prod": np.prod,
    "mean": np.mean,
    "min": np.min,
    "max": np.max,
    "argmin": np.argmin,
    "argmax": np.argmax,
    "any": np.any,
    "all": np.all,
    "count_nonzero": np.count_nonzero,
    "median": np.median,
    "std": np.std,
    "variance": np.var,
}


def reduction(rng, base, depth):
    a = expression(rng, base, depth - 1)
    if not a.is_array or a.text[0] == "[":
        a = leaf_array(rng, base)
    name = rng.choice(list(REDUCE))
    if name in ("argmin", "argmax", "any", "all", "count_nonzero") and not a.exact:
        raise Skip
    # NumPy computes these of bools in half precision, or not at all.
    if (
        name in ("std", "variance", "median", "mean")
        and a.dtype == "bool"
        or name in ("std", "variance", "mean", "median")
        and a.value.size == 0
    ):
        raise Skip
    axis = (
        None
        if rng.random() < 0.4
        else rng.randint(-a.value.ndim - (rng.random() < 0.1), a.value.ndim - 1) if a.value.ndim else None
    )
    value = REDUCE[name](a.value, axis=axis)
    exact = a.exact and name in ("sum", "min", "max", "argmin", "argmax", "any", "all", "count_nonzero")
    return Value(f"{a.text}.{name}({'' if axis is None else axis})", value, exact and a.dtype != "float32")


def moved(rng, base, depth):
    a = expression(rng, base, depth - 1)
    if not a.is_array or a.text[0] == "[" or a.value.ndim == 0:
        a = leaf_array(rng, base)
    v = a.value
    if v.ndim == 0:
        raise Skip
    axis = rng.randint(-v.ndim, v.ndim - 1)
    maybe = rng.choice([None, axis])
    text = "" if maybe is None else f"{maybe}"
    name = rng.choice(
        [
            "sort",
            "argsort",
            "cumsum",
            "cumprod",
            "diff",
            "roll",
            "flip",
            "repeat",
            "tile",
            "T",
            "reshape",
            "ravel",
            "astype",
            "concat",
            "stack",
            "unique",
            "col",
            "row",
            "where",
            "clip",
            "transpose",
        ]
    )
    if name == "sort":
        return Value(f"{a.text}.sort({axis})", np.sort(v, axis=axis), a.exact)
    if name == "argsort":
        if not a.exact:
            raise Skip
        return Value(f"{a.text}.argsort({axis})", np.argsort(v, axis=axis, kind="stable"))
    if name in ("cumsum", "cumprod"):
        return Value(f"{a.text}.{name}({text})", getattr(np, name)(v, axis=maybe), False)
    if name == "diff":
        n = rng.randint(0, 2)
        return Value(f"{a.text}.diff({n}, {axis})", np.diff(v, n, axis=axis), a.exact)
    if name == "roll":
        shift = rng.randint(-5, 5)
        return Value(f"{a.text}.roll({shift}{', ' + text if text else ''})", np.roll(v, shift, axis=maybe), a.exact)
    if name == "flip":
        return Value(f"{a.text}.flip({text})", np.flip(v, axis=maybe), a.exact)
    if name == "repeat":
        n = rng.randint(0, 3)
        return Value(f"{a.text}.repeat({n}{', ' + text if text else ''})", np.repeat(v, n, axis=maybe), a.exact)
    if name == "tile":
        reps = [rng.randint(0, 2) for _ in range(rng.randint(1, 3))]
        return Value(f"{a.text}.tile({literal(reps)})", np.tile(v, reps), a.exact)
    if name == "T":
        return Value(f"{a.text}.T", v.T, a.exact)
    if name == "transpose":
        order = rng.sample(range(v.ndim), v.ndim)
        return Value(f"{a.text}.transpose({literal(order)})", v.transpose(order), a.exact)
    if name == "reshape":
        shape = rng.choice([[-1], [v.size], [1, -1], [-1, 1], [2, -1], list(v.shape) + [1], [3, 2]])
        return Value(f"{a.text}.reshape({literal(shape)})", v.reshape(shape), a.exact)
    if name == "ravel":
        return Value(f"{a.text}.ravel()", v.ravel(), a.exact)
    if name == "col":
        return Value(f"{a.text}.col", v.reshape(-1, 1) if v.size else v.reshape(0, 1), a.exact)
    if name == "row":
        return Value(f"{a.text}.row", v.reshape(1, -1) if v.size else v.reshape(1, 0), a.exact)
    if name == "astype":
        to = rng.choice(DTYPES)
        if (
            not a.exact
            and to in ("int64", "bool")
            or to == "int64"
            and v.dtype.kind == "f"
            and not np.all(np.abs(v) < 1e15)
        ):
            raise Skip
        return Value(f'{a.text}.astype("{to}")', v.astype(to), a.exact)
    if name == "unique":
        if not a.exact:
            raise Skip
        return Value(f"{a.text}.unique()", np.unique(v))
    if name == "where":
        c = leaf_array(rng, list(base))
        return Value(f"where({c.text}, {a.text}, -1)", np.where(c.value, v, -1), a.exact)
    if name == "clip":
        if v.dtype == bool:
            raise Skip
        return Value(f"clip({a.text}, -1, 2)", np.clip(v, -1, 2), a.exact)
    b = leaf_array(rng, list(v.shape) if rng.random() < 0.9 else list(base))
    if name == "concat":
        return Value(f"concat([{a.text}, {b.text}], {axis})", np.concatenate([v, b.value], axis=axis), a.exact)
    return Value(f"stack([{a.text}, {b.text}], {axis})", np.stack([v, b.value], axis=axis), a.exact)


def changed(rng, base, depth):
    """An assignment to a part, or in place."""
    a = leaf_array(rng, base)
    if a.value.ndim == 0:
        raise Skip
    copy = a.value.copy()
    b = expression(rng, base, 1)
    if not b.exact:
        raise Skip
    if rng.random() < 0.5:
        op = rng.choice(["+", "-", "*"])
        if b.text[0] == "[" or "bool" in (a.dtype, b.dtype):
            raise Skip
        copy = {"+": np.ndarray.__iadd__, "-": np.ndarray.__isub__, "*": np.ndarray.__imul__}[op](copy, b.value)
        return Value(f"{{ let a = {a.text}; a {op}= {b.text}; a }}", copy)
    text, index = index_of(rng, a.value.shape[0])
    if text == "()":
        raise Skip
    if b.is_array and b.value.dtype.kind == "f" and a.value.dtype.kind == "i" and not np.all(np.abs(b.value) < 1e15):
        raise Skip
    copy[index] = b.value
    return Value(f"{{ let a = {a.text}; a[{text}] = {b.text}; a }}", copy)


def expression(rng, base, depth):
    if depth <= 0:
        return leaf(rng, base)
    make = rng.choices([binary, unary, part, reduction, moved, leaf_only], weights=[6, 3, 2, 2, 3, 1])[0]
    return make(rng, base, depth)


def leaf_only(rng, base, _depth):
    return leaf_array(rng, base)


def plain(x):
    # As texts: readers of JSON don't all read floats to the last bit.
    return repr(x) if isinstance(x, float) else x


def case(rng):
    base = [rng.randint(1, 4) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.03:
        base[0] = 0
    value = (changed if rng.random() < 0.1 else expression)(rng, base, rng.randint(1, 3))
    if value.is_array:
        if value.value.size > 40 or str(value.value.dtype) not in DTYPES:
            raise Skip
        flat = value.value.ravel().tolist()
        return {
            "s": value.text,
            "d": str(value.value.dtype),
            "n": list(value.value.shape),
            "v": [plain(x) for x in flat],
            "x": value.exact,
        }
    if isinstance(value.value, complex):
        raise Skip
    return {"s": value.text, "d": value.dtype, "v": [plain(value.value)], "x": value.exact}


def broken(rng):
    """What NumPy refuses, and a script has to refuse."""
    rows, columns = rng.randint(2, 4), rng.randint(5, 7)
    a, b = leaf_array(rng, [rows, columns]), leaf_array(rng, [rows])
    op = rng.choice(["+", "-", "*", "<", "=="])
    choices = [
        f"({a.text} {op} {b.text})",
        f"{a.text}[{rows}]",
        f"{a.text}[(-{rows + 1})]",
        f"{a.text}.at(0, {columns})",
        f"{a.text}.at(0, 0, 0)",
        f"{a.text}.sum(2)",
        f"{a.text}.reshape([{rows + 1}, {columns}])",
        f"concat([{a.text}, {b.text}])",
        f"stack([{a.text}, {b.text}])",
        f"{a.text}[{literal([rows])}]",
        f"{a.text}[array({literal([True] * (rows + 1))})]",
        f"where({a.text}, {b.text}, 1)",
        "(array([1, 2]) ** (-1))",
        "(-array([true]))",
        "(array([true]) - array([true]))",
        "(array([1.5]) & array([2]))",
        "(!array([1.5]))",
        "zeros([0]).min()",
        "zeros([2, 0]).argmax(1)",
        "{ let a = array([1, 2]); a += 0.5; a }",
        f"{{ let a = {a.text}; a[0] = [1, 2]; a }}",
    ]
    return {"s": rng.choice(choices), "e": True}


def number(x):
    """A float as the script writes it, whatever it is."""
    if math.isnan(x):
        return "(0.0 / 0.0)"
    if math.isinf(x):
        return "(1.0 / 0.0)" if x > 0 else "(-1.0 / 0.0)"
    if 0 < abs(x) < 1e-3 or abs(x) > 1e12:
        mantissa, exponent = f"{x:.17e}".split("e")
        return f"({mantissa} * 10.0 ** ({int(exponent)}))"
    return f"({x!r})" if x < 0 else repr(x)


def numbers(x):
    return "[" + ", ".join(numbers(e) if isinstance(e, list) else number(e) for e in x) + "]"


def quantile(rng):
    """Percentiles and quantiles: of all elements or along an axis, one or several, with and without the axis."""
    dims = [rng.randint(1, 4) for _ in range(rng.randint(1, 3))]
    a = leaf_array(rng, dims)
    if a.dtype == "bool":
        raise Skip
    percent = rng.random() < 0.5
    one = lambda: rng.choice([0, 25, 50, 90, 100]) / (1 if percent else 100)
    q = rng.choice([one, lambda: [one() for _ in range(rng.randint(1, 3))], lambda: [[one()], [one()]]])()
    axis = rng.choice([None, rng.randint(-len(dims), len(dims) - 1)])
    keep = rng.random() < 0.3
    text = "" if axis is None else f", {axis}"
    options = ", #{ keepdims: true }" if keep else ""
    name = "percentile" if percent else "quantile"
    value = getattr(np, name)(a.value, np.array(q) if isinstance(q, list) else q, axis=axis, keepdims=keep)
    return Value(f"{a.text}.{name}({literal(q)}{text}{options})", value, False)


def kept(rng):
    """Reductions that keep their axes."""
    dims = [rng.randint(1, 4) for _ in range(rng.randint(1, 3))]
    a = leaf_array(rng, dims)
    name = rng.choice(["sum", "prod", "min", "max", "argmin", "any", "count_nonzero", "median", "mean", "std"])
    if a.dtype == "bool" and name in ("median", "mean", "std"):
        raise Skip
    axis = rng.choice([None, rng.randint(-len(dims), len(dims) - 1)])
    text = "" if axis is None else f"{axis}, "
    return Value(f"{a.text}.{name}({text}#{{ keepdims: true }})", REDUCE[name](a.value, axis=axis, keepdims=True), False)


def interpolation(rng):
    """Known values that may be NaN or infinite, places that may be equal, and questions at known places and beyond."""
    count = rng.randint(1, 5)
    places = sorted(rng.randint(0, 8) / 2 for _ in range(count))
    values = [rng.choice([rng.randint(-4, 4) / 2] * 4 + [math.nan, math.inf, -math.inf]) for _ in places]
    x = [rng.choice([rng.choice(places), rng.randint(-2, 20) / 4]) for _ in range(4)]
    ends, options = {}, []
    for name in ("left", "right"):
        if rng.random() < 0.3:
            ends[name] = rng.randint(-3, 3) / 2
            options.append(f"{name}: {number(ends[name])}")
    text = f", #{{ {', '.join(options)} }}" if options else ""
    value = np.interp(x, places, values, **ends)
    return Value(f"interp({numbers(x)}, {numbers(places)}, {numbers(values)}{text})", value, False)


def system(rng):
    """Matrices of any size of numbers, rows and columns of different sizes included."""
    n = rng.randint(1, 5)
    m = [[rng.randint(-8, 8) / 2 for _ in range(n)] for _ in range(n)]
    for i in range(n):
        m[i][i] += 12.0
    size = lambda: 10.0 ** rng.choice([-200, -90, -12, 0, 0, 12, 90])
    kind, by = rng.choice(["all", "rows", "columns"]), [size() for _ in range(n)]
    by = [by[0]] * n if kind == "all" else by
    m = [[x * (by[j] if kind == "columns" else by[i]) for j, x in enumerate(row)] for i, row in enumerate(m)]
    name = rng.choice(["inv", "det", "solve"])
    if name == "det":
        sign, log = np.linalg.slogdet(m)
        if abs(log) > 600:
            raise Skip
        # Of a size that the comparison takes seriously.
        return Value(f"det({numbers(m)}) / {number(float(np.exp(log)))}", float(sign), False)
    if name == "inv":
        found = np.linalg.inv(m)
        back = np.array(m) * found.T
        return Value(f"(array({numbers(m)}) * inv({numbers(m)}).T)", back, False)
    b = [row[0] * 2 + row[-1] for row in m]
    # Each equation by its size: the numbers themselves may be too small to be compared.
    x = np.linalg.solve(m, b)
    return Value(f"(solve({numbers(m)}, {numbers(b)}) * {numbers(m[0])} / {number(by[0])})", x * np.array(m[0]) / by[0], False)


def eigenvalues(rng):
    n = rng.randint(1, 4)
    m = np.array([[rng.randint(-8, 8) / 2 for _ in range(n)] for _ in range(n)])
    m = (m + m.T) / 2 + np.eye(n)
    size = 10.0 ** rng.choice([-200, -12, 0, 12, 200])
    text = numbers((m * size).tolist())
    name = rng.choice([f"eigh({text})[0]", f"eigvals({text})[0]"])
    return Value(f"({name} / {number(size)})", np.linalg.eigvalsh(m), False)


def many_axes(rng):
    """Parts by more than three indices, and assignments to them."""
    dims = [rng.randint(1, 3) for _ in range(rng.randint(4, 6))]
    a = leaf_array(rng, dims)
    pairs = [index_of(rng, d) for d in dims[: rng.randint(4, len(dims))]]
    texts, index = ", ".join(t for t, _ in pairs), tuple(i for _, i in pairs)
    if rng.random() < 0.5:
        return Value(f"{a.text}.at({texts})", a.value[index])
    copy = a.value.copy()
    copy[index] = 1
    return Value(f"{{ let a = {a.text}; a.set({texts}, 1); a.at(0, (), 0, 0) }}", copy[0, :, 0, 0])


def lists(rng):
    """Functions of arrays that take lists of numbers as they are."""
    flat = [rng.choice([rng.randint(-4, 4), rng.randint(-8, 8) / 4]) for _ in range(rng.randint(1, 5))]
    v = np.array(flat)
    if rng.random() < 0.6:
        name = rng.choice(list(REDUCE))
        text = rng.choice([f"{name}({literal(flat)})", f"{literal(flat)}.{name}()"])
        return Value(text, REDUCE[name](v), False)
    name = rng.choice(["sin", "abs", "round", "floor", "exp", "sign"])
    return Value(f"{name}({literal(flat)})", UNARY[name](v), name in EXACT)


def remainders(rng):
    x, y = rng.randint(-9, 9), rng.choice([-4, -3, 3, 5])
    if rng.random() < 0.5:
        x, y = x / 2, y / 4
    name, f = rng.choice([("remainder", np.remainder), ("floor_divide", np.floor_divide)])
    text = rng.choice([f"{name}({literal(x)}, {literal(y)})", f"{name}(array([{literal(x)}]), {literal(y)})[0]"])
    return Value(text, f(x, y))


FURTHER = [quantile, kept, interpolation, system, eigenvalues, many_axes, lists, remainders]


def as_case(value):
    if value.is_array:
        flat = value.value.ravel().tolist()
        shape = {"n": list(value.value.shape)}
    else:
        flat, shape = [value.value], {}
    return {"s": value.text, "d": value.dtype, **shape, "v": [plain(x) for x in flat], "x": value.exact}


def further(rng, count):
    """Cases of the functions that random expressions do not reach."""
    cases, seen = [], set()
    while len(cases) < count:
        try:
            made = as_case(rng.choice(FURTHER)(rng))
        except (Skip, ValueError, IndexError, OverflowError):
            continue
        if made["s"] not in seen:
            seen.add(made["s"])
            cases.append(made)
    return cases


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    cases, seen = [], set()
    while len(cases) < args.count:
        try:
            made = broken(rng) if rng.random() < 0.06 else case(rng)
        # What NumPy refuses inside of an expression ends it.
        except (Skip, ValueError, TypeError, IndexError, OverflowError, ZeroDivisionError):
            continue
        if made["s"] not in seen and len(made["s"]) < 600:
            seen.add(made["s"])
            cases.append(made)
    cases += further(random.Random(args.seed), args.count // 3)
    print("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]")


if __name__ == "__main__":
    main()
