"""Serves the models of a folder (NAME/unet/model.onnx) with the real Triton Inference Server.

Prints `ready URL PID` when every model answers; what the server says goes to standard error. Ends with SIGTERM, and when standard input closes, and leaves nothing behind.
"""

import argparse
import importlib.util
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import onnxruntime

DATATYPES = {"tensor(float)": "FP32", "tensor(float16)": "FP16", "tensor(int64)": "INT64", "tensor(int32)": "INT32"}


def block(kind, nodes, max_batch):
    """Inputs or outputs as config.pbtxt lists them. Where Triton batches, the first dimension is implied, and a number for each item is a column outside."""
    rows = []
    for node in nodes:
        dims = [size if isinstance(size, int) else -1 for size in node.shape][1 if max_batch else 0:]
        shape = f"dims: [ {', '.join(map(str, dims))} ]" if dims else "dims: [ 1 ] reshape: { shape: [ ] }"
        rows.append(f'  {{ name: "{node.name}" data_type: TYPE_{DATATYPES[node.type]} {shape} }}')
    return f"{kind} [\n" + ",\n".join(rows) + "\n]"


def config(name, graph, args):
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    lines = [
        f'name: "{name}"', 'backend: "python"', f"max_batch_size: {args.max_batch}", "instance_group [ { kind: KIND_CPU count: 1 } ]",
        block("input", session.get_inputs(), args.max_batch), block("output", session.get_outputs(), args.max_batch),
    ]
    for key, value in {"graph": graph, "delay": args.delay}.items():
        lines.append(f'parameters {{ key: "{key}" value: {{ string_value: "{value}" }} }}')
    if args.queue_size:
        lines.append(f"dynamic_batching {{ default_queue_policy {{ max_queue_size: {args.queue_size} }} }}")
    return "\n".join(lines) + "\n"


def prepare(work, models, args):
    """Puts binaries and model repository into `work`. Returns the command and its environment."""
    package = pathlib.Path(importlib.util.find_spec("pytriton").origin).parent
    home, repository = work / "triton", work / "models"
    shutil.copytree(package / "tritonserver", home, ignore=shutil.ignore_patterns("python_backend_stubs"))
    stub = "triton_python_backend_stub"
    shutil.copy(package / "tritonserver" / "python_backend_stubs" / f"{sys.version_info.major}.{sys.version_info.minor}" / stub, home / "backends" / "python" / stub)
    for name, graph in models.items():
        (repository / name / "1").mkdir(parents=True)
        shutil.copy(pathlib.Path(__file__).with_name("model.py"), repository / name / "1" / "model.py")
        (repository / name / "config.pbtxt").write_text(config(name, graph, args))
    libraries = [str(package.parent / "nvidia_pytriton.libs"), os.path.join(sys.base_prefix, "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
    # The stub embeds Python, which finds this environment by looking up python3.
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(filter(None, libraries)), "PATH": os.path.join(sys.prefix, "bin") + ":" + os.environ["PATH"]}
    command = [
        str(home / "bin" / "tritonserver"), f"--model-repository={repository}", f"--backend-directory={home / 'backends'}", f"--cache-directory={home / 'caches'}",
        "--backend-config=python,shm-default-byte-size=4194304", f"--backend-config=python,shm-region-prefix-name=dpm{os.getpid()}", "--http-address=127.0.0.1",
        f"--http-port={args.port}", "--allow-grpc=false", "--allow-metrics=false", "--allow-gpu-metrics=false", "--pinned-memory-pool-byte-size=0", "--exit-timeout-secs=5",
    ]
    return command, environment


def ready(url, models, server):
    for name in models:
        while server.poll() is None:
            try:
                urllib.request.urlopen(f"{url}/v2/models/{name}/ready", timeout=2).read()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
    return server.poll() is None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--delay", type=float, default=0, help="seconds before each evaluation")
    parser.add_argument("--max-batch", type=int, default=0, help="max_batch_size")
    parser.add_argument("--queue-size", type=int, default=0, help="requests that may wait; more get 503")
    args = parser.parse_args()
    if args.port == 0:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            args.port = probe.getsockname()[1]
    models = {path.parent.parent.name: path.resolve() for path in sorted(args.folder.glob("*/unet/model.onnx"))}
    work = pathlib.Path(tempfile.mkdtemp(prefix="dpm-triton-"))
    server = None
    try:
        command, environment = prepare(work, models, args)
        server = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True)
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        signal.signal(signal.SIGINT, lambda *_: server.terminate())
        threading.Thread(target=lambda: (sys.stdin.read(), server.terminate()), daemon=True).start()
        url = f"http://127.0.0.1:{args.port}"
        if ready(url, models, server):
            print("ready", url, server.pid, flush=True)
        server.wait()
    finally:
        if server is not None:
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(server.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
