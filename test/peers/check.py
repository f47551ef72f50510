"""Reads run folders by docs/run-format.md with numpy alone, and recomputes what can be recomputed: noise, steps, statistics, pictures.

Runs the command line for a few recipes, then checks each folder. Closes with one line: N passed, N failed.
"""
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors import safe_open

ROOT = Path(__file__).resolve().parents[2]
RECIPES = [
    ["--model", "digits", "--class-label", "3,none", "--batch", "3", "--seed", "18446744073709551614", "--steps", "12"],
    ["--model", "emoji", "--class-label", "Food & Drink", "--guidance", "2.5", "--batch", "2", "--seed", "7", "--steps", "10", "--order", "1"],
    ["--model", "digits", "--class-label", "5", "--steps", "9", "--final-sigma", "sigmaMin", "--algorithm", "dpmsolver", "--seed", "42"],
    ["--model", "emoji", "--steps", "10", "--method", "singlestep", "--order", "3", "--seed", "1"],
    ["--model", "digits", "--schedule", "edm", "--steps", "9", "--batch", "2", "--seed", "3"],
    ["--model", "digits", "--schedule", "flow", "--steps", "9", "--seed", "4"],
    ["--model", "digits", "--algorithm", "ddpm", "--steps", "9", "--seed", "5"],
    ["--model", "digits", "--algorithm", "dpmsolver", "--method", "adaptive", "--batch", "3", "--seed", "6"],
    ["--model", "digits", "--task", "noise", "--image", "IMAGE", "--steps", "9", "--batch", "2", "--seed", "7"],
    ["--model", "digits", "--task", "encode", "--image", "IMAGE", "--order", "1", "--steps", "9", "--seed", "8"],
    ["--model", "digits", "--image", "IMAGE", "--mask", "MASK", "--order", "1", "--steps", "9", "--batch", "2", "--seed", "9"],
]

EXPORTED = (0, 1, 7)  # grey, colour, adaptive

# Runs that keep the states of some rows, and of which.
KEEPING = [
    (["--model", "digits", "--steps", "13", "--batch", "2", "--seed", "10", "--keep", "everyN", "--keep-every", "4"], [0, 4, 8, 12, 13]),
    (["--model", "emoji", "--steps", "7", "--seed", "11", "--keep", "lastOnly"], [7]),
]


def page_code(heading):
    """The Python lines of docs/run-format.md under a heading."""
    return (ROOT / "docs/run-format.md").read_text().split(f"## {heading}\n")[1].split("```python\n")[1].split("```")[0]


READ_FOLDER, READ_FILE = page_code("Read it"), page_code("The run in one file")


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
    """By the page's own lines: run.json, the rows, those whose states are kept, the end line, x and x0 of shape [kept rows, B, C, H, W]."""
    names = {}
    exec(re.sub(r"(?m)^folder = .*$", lambda _: f"folder = {str(folder) + '/'!r}", READ_FOLDER), names)
    run, rows, kept, raw = (names[name] for name in ("run", "rows", "kept", "raw"))
    most = len(kept) if run["version"] == 1 else len(kept) + 2
    assert run["version"] == 2 or len(kept) == len(rows), "version 1 keeps all rows"
    assert len(kept) * run["states"]["rowBytes"] <= len(raw) <= most * run["states"]["rowBytes"], "states.f32 has its rows and little else"
    return run, rows, kept, names["events"][-1], np.stack(names["x"]), np.stack(names["x0"])


def picture(run, name):
    """The image of a run (or its mask), fitted to one channel of the model's size: levels / 255, the mean of what lies under a pixel."""
    file = run["input"][name]
    assert hashlib.sha256(Path(file["path"]).read_bytes()).hexdigest() == file["sha256"], "the file is the one that was used"
    image = Image.open(file["path"])
    assert image.size == (file["width"], file["height"])
    height, width = run["shape"][2:]
    levels = np.asarray(image, np.float64) / 255
    return levels.reshape(height, levels.shape[0] // height, width, levels.shape[1] // width).mean((1, 3))


def scale(level):
    return float(np.hypot(level["alpha"], level["sigma"]))


def at_level(run, level, z):
    """q(x_t | x0) of the run's image with the noise z."""
    return level["alpha"] * (2 * picture(run, "image") - 1) + level["sigma"] * z


def check_start(run, rows, x):
    """x of row 0: noise that is recomputed bit for bit but for a last place of the C library, at the scale of its level; or the image; or of both what the mask says."""
    level, task = rows[0]["level"], run["recipe"]["input"]["task"]
    for item, seed in zip(x[0], run["seeds"]):
        z = normals(int(seed), item.size).reshape(item.shape).astype(np.float64)
        expected = scale(level) * z
        if task != "sample":
            expected = np.broadcast_to(2 * picture(run, "image") - 1, item.shape)
        elif "mask" in run.get("input", {}):
            mask = picture(run, "mask")
            expected = mask * expected + (1 - mask) * at_level(run, level, z)
        np.testing.assert_allclose(item, expected, rtol=2e-7, atol=1e-9 if "input" not in run else 3e-7)


def check_known(run, rows, x):
    """Noised with one noise, the image fades into it; kept by a mask, its part lies there all along, and is the image at the end."""
    kept = 1 - picture(run, "mask") if "mask" in run["input"] else 1
    for row, state in zip(rows, x):
        for item, seed in zip(state, run["seeds"]):
            z = normals(int(seed), item.size).reshape(item.shape).astype(np.float64)
            np.testing.assert_allclose(item * kept, at_level(run, row["level"], z) * kept, rtol=1e-6, atol=1e-6)


def check_lanes(run, rows, x):
    """Items of an adaptive run go their own ways: those that wait are as they were, those that are new have gone on."""
    plan, lanes = run["plan"], [row for row in rows if "lanes" in row]
    assert len(plan["levels"]) == len(plan["steps"]) + 2 and len(lanes) > 2
    for k in range(run["shape"][0]):
        own = [row["lanes"][k] for row in lanes]
        assert own[0]["level"] == plan["adaptive"]["from"] and own[0]["row"] == 0
        for i, lane in enumerate(own):
            assert lane["item"] == k and lane["row"] <= i and lane["accepted"] + lane["rejected"] >= len({before["row"] for before in own[:i + 1]}) - 1
            np.testing.assert_array_equal(x[i, k], x[lane["row"], k])
            if i > 0:
                assert lane["level"]["lambda"] > own[i - 1]["level"]["lambda"] if lane["row"] == i else lane["level"] == own[i - 1]["level"]
    assert [row["level"] for row in rows[len(lanes):]] == plan["levels"][1:]


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
        if now["order"] != 1 or any(not (term["of"] == "state" or "stage" in term["of"]) for term in run["plan"]["steps"][i]["update"]):
            continue
        ratio = then["level"]["sigma"] / now["level"]["sigma"]
        expected = ratio * x[i].astype(np.float64) + (then["level"]["alpha"] - now["level"]["alpha"] * ratio) * x0[i]
        new = picture(run, "mask") == 1 if "mask" in run.get("input", {}) else True
        np.testing.assert_allclose(x[i + 1] * new, expected * new, rtol=1e-5, atol=2e-6 * max(1, now["level"]["sigma"]))


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
        np.testing.assert_allclose(x[i + 1], expected, rtol=1e-5, atol=2e-6 * max(1, now["sigma"]))
        done += 1
    assert done > 0, "the recipe has second-order steps"


def check_pictures(result, rows, x):
    """Grey level = round((clip(x, -1, 1) + 1) 127.5), one channel as greyscale; a state with noise is divided by its spread."""
    images = [np.asarray(Image.open(path)) for path in result["images"]]
    spread = np.float32(scale(rows[-1]["level"])) if abs(scale(rows[-1]["level"]) - 1) > 0.01 else 1
    items = [np.floor((np.clip((item / spread).astype(np.float64), -1, 1) + 1) * 127.5 + 0.5).astype(np.uint8) for item in x[-1]]
    items = [item[0] if len(item) == 1 else item.transpose(1, 2, 0) for item in items]
    for item in items:
        assert any(image.shape == item.shape and np.array_equal(image, item) for image in images), "each batch item has its picture"


def check_exports(folder, run, rows, x, x0):
    """A run as arrays: read by numpy.load and by the safetensors package, and the same numbers as in the folder."""
    def exported(form, name):
        subprocess.run(["node", str(ROOT / "dist/cli.js"), "export", "--run", str(folder), "--as", form, "--out", str(folder / name)], check=True, capture_output=True, timeout=300)
        return folder / name
    with np.load(exported("npz", "run.npz")) as arrays:
        np.testing.assert_array_equal(arrays["x"], x)
        np.testing.assert_array_equal(arrays["x0"], x0)
        for name in ("t", "alpha", "sigma", "lambda"):
            np.testing.assert_array_equal(arrays[name], [number(row["level"][name]) for row in rows])
        for name in ("order", "evaluations", "ms"):
            np.testing.assert_array_equal(arrays[name], [row[name] for row in rows])
        assert json.loads(arrays["run_json"].tobytes())["id"] == run["id"]
    with safe_open(exported("dpmrun", "run.dpmrun"), "np") as file:
        states = file.get_tensor("states")
        np.testing.assert_array_equal(states, np.stack([x, x0], 1))
        assert json.loads(file.metadata()["run"]) == run
        assert len(file.metadata()["events"].splitlines()) == len(rows) + 1
    with Image.open(exported("apng", "run.png")) as moving:
        assert moving.n_frames == len(rows), "a picture a step"
    with Image.open(exported("gif", "run.gif")) as moving:
        assert moving.n_frames == len(rows), "a picture a step"
    table = np.genfromtxt(exported("csv", "run.csv"), delimiter=",", names=True)
    np.testing.assert_array_equal(table["lambda"], [number(row["level"]["lambda"]) for row in rows])


def check_kept(folder, run, rows, kept, x, x0, expected):
    """Of a run that keeps some rows those have their states, in the folder and in one file; how much x0 changed is said of all."""
    assert run["version"] == 2 and [row["row"] for row in kept] == expected and [row["row"] for row in rows] == list(range(len(rows)))
    check_statistics(kept, x, x0)
    if expected[0] == 0:
        check_start(run, kept, x)
    changes = [number(row["change"]) for row in rows]
    assert np.isnan(changes[0]) and np.all(np.isfinite(changes[1:]))
    for i in range(1, len(kept)):
        if kept[i]["row"] == kept[i - 1]["row"] + 1:
            np.testing.assert_allclose(changes[kept[i]["row"]], np.sqrt(np.mean((x0[i].astype(np.float64) - x0[i - 1]) ** 2)), rtol=1e-5)
    file = folder / "run.dpmrun"
    subprocess.run(["node", str(ROOT / "dist/cli.js"), "export", "--run", str(folder), "--as", "dpmrun", "--out", str(file)], check=True, capture_output=True, timeout=300)
    names = {}
    exec(READ_FILE.replace('"run.dpmrun"', repr(str(file))), names)
    np.testing.assert_array_equal(names["states"], np.stack([x, x0], 1))
    assert names["run"] == run
    places = {row: place for place, row in enumerate(expected)}
    said = [event for event in names["rows"] if event["event"] == "row"]
    assert [event["offset"] for event in said] == [places.get(row, len(expected)) * run["states"]["rowBytes"] for row in range(len(rows))]


def check_metadata(result, run):
    """What other programs read in a PNG file, and the recipe."""
    for path in result["images"]:
        text = Image.open(path).text
        assert f"Steps: {run['recipe']['solver']['steps']}, Sampler: " in text["parameters"] and "Seed: " in text["parameters"]
        said = json.loads(text["dpm-solver"])["recipe"]
        assert all(said[part] == run["recipe"][part] for part in ("solver", "schedule", "noise", "guidance"))
        assert said["input"]["image"] == Path(run["recipe"]["input"]["image"]).name, "no folder of its maker's"


def check(name, work):
    try:
        work()
        print(f"ok      {name}")
        return True
    except Exception as error:  # whatever went wrong is this check's failure, and the others still run
        print(f"FAILED  {name}: {error}")
        return False


def sample(recipe, folder):
    """The process that sampled; its output is JSON."""
    return subprocess.run(["node", str(ROOT / "dist/cli.js"), "sample", *recipe, "--provider", "cpu", "--threads", "1", "--out", folder, "--json"], capture_output=True, text=True, timeout=300)


def check_keeping(results, out):
    for i, (recipe, expected) in enumerate(KEEPING):
        def work():
            ran = sample(recipe, f"{out}/keeping-{i}")
            assert ran.returncode == 0, ran.stdout + ran.stderr
            folder = Path(json.loads(ran.stdout)["runFolder"])
            run, rows, kept, _, x, x0 = read(folder)
            check_kept(folder, run, rows, kept, x, x0, expected)
        results.append(check(f"{' '.join(recipe)}: the states that are kept", work))


def main():
    results = []
    with tempfile.TemporaryDirectory() as out:
        ramp = np.add.outer(np.arange(64), 2 * np.arange(64)).astype(np.uint8)
        Image.fromarray(ramp).save(f"{out}/image.png")
        Image.fromarray(np.repeat(np.uint8([[0] * 32 + [255] * 32]), 64, 0)).save(f"{out}/mask.png")
        files = {"IMAGE": f"{out}/image.png", "MASK": f"{out}/mask.png"}
        for i, recipe in enumerate(RECIPES):
            name = " ".join(recipe)
            ran = sample([files.get(word, word) for word in recipe], f"{out}/{i}")
            if ran.returncode != 0:
                print(f"FAILED  {name}: {ran.stdout}{ran.stderr}")
                results.append(False)
                continue
            result = json.loads(ran.stdout)
            run, rows, _, end, x, x0 = read(Path(result["runFolder"]))
            results.append(check(f"{name}: {len(rows)} rows, end line", lambda: (
                np.testing.assert_equal(end["rows"], len(rows)), np.testing.assert_equal(end["outcome"], "finished"))))
            results.append(check(f"{name}: start", lambda: check_start(run, rows, x)))
            results.append(check(f"{name}: what its pictures say", lambda: check_metadata(result, run)))
            if i in EXPORTED:
                results.append(check(f"{name}: exports", lambda: check_exports(Path(result["runFolder"]), run, rows, x, x0)))
            if "mask" in run.get("input", {}) or run["recipe"]["input"]["task"] == "noise":
                results.append(check(f"{name}: the image at every level", lambda: check_known(run, rows, x)))
            if "adaptive" in run["plan"]:
                results.append(check(f"{name}: items on their own ways", lambda: check_lanes(run, rows, x)))
                results.append(check(f"{name}: statistics", lambda: check_statistics(rows, x, x0)))
                results.append(check(f"{name}: pictures", lambda: check_pictures(result, rows, x)))
                continue
            results.append(check(f"{name}: statistics", lambda: check_statistics(rows, x, x0)))
            results.append(check(f"{name}: first-order steps", lambda: check_order_one(run, rows, x, x0)))
            solver = run["recipe"]["solver"]
            if (solver["method"], solver["algorithm"], solver["order"], run["recipe"]["input"]["task"]) == ("multistep", "dpmsolver++", 2, "sample"):
                results.append(check(f"{name}: second-order steps", lambda: check_multistep(run, rows, x, x0)))
            results.append(check(f"{name}: pictures", lambda: check_pictures(result, rows, x)))
        check_keeping(results, out)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
