"""Reads run folders by docs/run-format.md with numpy alone, and recomputes what can be recomputed: noise, steps, statistics, pictures.

Runs the command line for a few recipes, then checks each folder. Closes with one line: N passed, N failed.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
RECIPES = [
    ["--model", "digits", "--class-label", "3,none", "--batch", "3", "--seed", "18446744073709551614", "--steps", "12"],
    ["--model", "emoji", "--class-label", "Food & Drink", "--guidance", "2.5", "--batch", "2", "--seed", "7", "--steps", "10", "--order", "1"],
    ["--model", "digits", "--class-label", "5", "--steps", "9", "--final-sigma", "sigmaMin", "--algorithm", "dpmsolver", "--seed", "42"],
    ["--model", "emoji", "--steps", "10", "--method", "singlestep", "--order", "3", "--seed", "1"],
]


def number(value):
    """JSON has no Infinity and NaN: the format writes them as strings."""
    return float(value)


def philox4x32(counter, key):
    """Philox4x32-10 (Salmon et al. 2011). counter [n, 4], key [2], uint32 -> words [n, 4]."""
    c = counter.astype(np.uint64)
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    for _ in range(10):
        p0, p1 = c[:, 0] * np.uint64(0xD2511F53), c[:, 2] * np.uint64(0xCD9E8D57)
        c = np.stack([(p1 >> shift) ^ c[:, 1] ^ k0, p1 & mask, (p0 >> shift) ^ c[:, 3] ^ k1, p0 & mask], 1)
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & mask, (k1 + np.uint64(0xBB67AE85)) & mask
    return c


def normals(seed, count):
    """Draw 0 of philox4x32-10/v1: `count` unit normals, float32."""
    blocks = (count + 1) // 2
    counter = np.zeros((blocks, 4), np.uint64)
    counter[:, 0] = np.arange(blocks)
    w = philox4x32(counter, (seed & 0xFFFFFFFF, seed >> 32))
    u1, u2 = (((w[:, i] >> np.uint64(5)).astype(np.float64) * 2.0**26 + (w[:, i + 1] >> np.uint64(6)).astype(np.float64) + 0.5) / 2.0**53 for i in (0, 2))
    r = np.sqrt(-2 * np.log(u1))
    return np.stack([r * np.cos(2 * np.pi * u2), r * np.sin(2 * np.pi * u2)], 1).ravel()[:count].astype(np.float32)


def read(folder):
    """The page's ten lines: run.json, the rows, the end line, x and x0 of shape [rows, B, C, H, W]."""
    run = json.loads((folder / "run.json").read_text())
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    rows, end = [e for e in events if e["event"] == "row"], events[-1]
    raw = (folder / "states.f32").read_bytes()
    count = int(np.prod(run["shape"]))
    at = lambda offset: np.frombuffer(raw, "<f4", count, offset).reshape(run["shape"])
    x = np.stack([at(row["offset"]) for row in rows])
    x0 = np.stack([at(row["offset"] + 4 * count) for row in rows])
    assert len(raw) == len(rows) * run["states"]["rowBytes"], "states.f32 has exactly its rows"
    return run, rows, end, x, x0


def check_noise(run, x):
    """x_T of item k is what seed + k draws: recomputed bit for bit but for a last place of the C library."""
    for item, seed in zip(x[0], run["seeds"]):
        np.testing.assert_allclose(item.ravel(), normals(int(seed), item.size), rtol=2e-7, atol=1e-9)


def check_statistics(rows, x, x0):
    for row, pair in zip(rows, zip(x, x0)):
        for said, values in zip((row["x"], row["x0"]), pair):
            values = values.astype(np.float64)
            got = [values.min(), values.max(), values.mean(), values.std(), (np.abs(values) > 1).mean()]
            np.testing.assert_allclose([number(said[key]) for key in ("min", "max", "mean", "std", "clipped")], got, rtol=1e-5, atol=1e-6)
            assert said["nonFinite"] == 0


def check_order_one(run, rows, x, x0):
    """DDIM, in the paper's own form: x_{i+1} = (sigma_{i+1} / sigma_i) x_i + (alpha_{i+1} - alpha_i sigma_{i+1} / sigma_i) x0_i."""
    for i, (now, then) in enumerate(zip(rows, rows[1:])):
        if now["order"] != 1:
            continue
        ratio = then["level"]["sigma"] / now["level"]["sigma"]
        expected = ratio * x[i].astype(np.float64) + (then["level"]["alpha"] - now["level"]["alpha"] * ratio) * x0[i]
        np.testing.assert_allclose(x[i + 1], expected, rtol=1e-5, atol=2e-6)


def check_multistep(run, rows, x, x0):
    """DPM-Solver++(2M), Lu et al. 2022b, Algorithm 2: D = (1 + 1/2r) x0_i - 1/2r x0_{i-1}, x_{i+1} = (sigma'/sigma) x - alpha' (e^-h - 1) D."""
    done = 0
    for i in range(1, len(rows) - 1):
        if rows[i]["order"] != 2:
            continue
        before, now, then = (rows[j]["level"] for j in (i - 1, i, i + 1))
        h, h0 = number(then["lambda"]) - number(now["lambda"]), number(now["lambda"]) - number(before["lambda"])
        r = h0 / h
        d = (1 + 0.5 / r) * x0[i].astype(np.float64) - 0.5 / r * x0[i - 1]
        expected = then["sigma"] / now["sigma"] * x[i] - then["alpha"] * np.expm1(-h) * d
        np.testing.assert_allclose(x[i + 1], expected, rtol=1e-5, atol=2e-6)
        done += 1
    assert done > 0, "the recipe has second-order steps"


def check_pictures(result, x):
    """Grey level = round((clip(x, -1, 1) + 1) 127.5), one channel as greyscale."""
    images = [np.asarray(Image.open(path)) for path in result["images"]]
    items = [np.floor((np.clip(item.astype(np.float64), -1, 1) + 1) * 127.5 + 0.5).astype(np.uint8) for item in x[-1]]
    items = [item[0] if len(item) == 1 else item.transpose(1, 2, 0) for item in items]
    for item in items:
        assert any(image.shape == item.shape and np.array_equal(image, item) for image in images), "each batch item has its picture"


def check(name, work):
    try:
        work()
        print(f"ok      {name}")
        return True
    except Exception as error:  # whatever went wrong is this check's failure, and the others still run
        print(f"FAILED  {name}: {error}")
        return False


def main():
    results = []
    with tempfile.TemporaryDirectory() as out:
        for i, recipe in enumerate(RECIPES):
            name = " ".join(recipe)
            command = ["node", str(ROOT / "dist/cli.js"), "sample", *recipe, "--provider", "cpu", "--threads", "1", "--out", f"{out}/{i}", "--json"]
            ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
            if ran.returncode != 0:
                print(f"FAILED  {name}: {ran.stdout}{ran.stderr}")
                results.append(False)
                continue
            result = json.loads(ran.stdout)
            run, rows, end, x, x0 = read(Path(result["runFolder"]))
            results.append(check(f"{name}: {len(rows)} rows, end line", lambda: (
                np.testing.assert_equal(end["rows"], len(rows)), np.testing.assert_equal(end["outcome"], "finished"))))
            results.append(check(f"{name}: noise", lambda: check_noise(run, x)))
            results.append(check(f"{name}: statistics", lambda: check_statistics(rows, x, x0)))
            results.append(check(f"{name}: first-order steps", lambda: check_order_one(run, rows, x, x0)))
            solver = run["recipe"]["solver"]
            if (solver["method"], solver["algorithm"], solver["order"]) == ("multistep", "dpmsolver++", 2):
                results.append(check(f"{name}: second-order steps", lambda: check_multistep(run, rows, x, x0)))
            results.append(check(f"{name}: pictures", lambda: check_pictures(result, x)))
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
