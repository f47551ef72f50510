"""Evaluates one ONNX file inside Triton's Python backend, by ONNX Runtime on the CPU."""

import json
import time

import numpy as np
import onnxruntime
import triton_python_backend_utils as triton


class TritonPythonModel:
    def initialize(self, args):
        parameters = {key: value["string_value"] for key, value in json.loads(args["model_config"])["parameters"].items()}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(parameters["graph"], options, providers=["CPUExecutionProvider"])
        self.delay = float(parameters["delay"])

    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        time.sleep(self.delay)
        try:
            names = request.requested_output_names()
            values = self.session.run(names, {tensor.name(): tensor.as_numpy() for tensor in request.inputs()})
        except Exception as error:
            return triton.InferenceResponse(error=triton.TritonError(str(error)))
        return triton.InferenceResponse([triton.Tensor(name, np.ascontiguousarray(value)) for name, value in zip(names, values)])
