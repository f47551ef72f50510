import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { evaluationError } from '../../../src/engine/failures'
import { openGraph } from '../../../src/engine/graphFile'
import { plainWords } from '../../../src/engine/modelError'
import { Providers } from '../../../src/engine/providers'
import type { RunDocument } from '../../../src/protocol/run'
import { runtimeWith, type Behaviour } from './fakeProviders'
import { folderWith, half } from './testModels'

const graph = openGraph(join(folderWith({ 'model.onnx': half() }), 'model.onnx'))
const call = (line: number, type: string): string => `/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:${line} std::conditional_t<THRW, void, onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, const char*, SUCCTYPE, const char*, const char*, int) [with ERRTYPE = ${type}; bool THRW = true; SUCCTYPE = ${type}; std::conditional_t<THRW, void, common::Status> = void] `
/** As ONNX Runtime 1.30 reports what CUDA says: the signature of the call before it, twice, and where it happened after it. */
const cudaSays = (failure: string, type = 'cudaError'): string => `${call(154, type)}${call(146, type)}${failure} ; GPU=-1 ; hostname=vm ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider.cc ; line=352 ; expr=cudaSetDevice(info_.device_id); \n\n`
const withoutCudnn = 'Non-zero status code returned while running Conv node. Name:\'/inp/Conv\' Status Message: /onnxruntime_src/onnxruntime/core/providers/cuda/cuda_kernel.h:296 static cudnnContext* onnxruntime::cuda::CudaKernel::RequireCudnnHandle(cudnnHandle_t) [ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : cuDNN is unavailable or disabled for CUDA Execution Provider: dlopen failed for libcudnn.so: libcudnn.so: cannot open shared object file: No such file or directory\n'
const bufferRefused = 'Non-zero status code returned while running Conv node. Name:\'\' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 4194304'

function refusal(provider: 'cuda' | 'webgpu', behaviour: Behaviour, deviceId = 0): Promise<{ message: string; remedy?: unknown; otherRemedy?: unknown }> {
  const { ort, now } = runtimeWith({ [provider]: behaviour })
  return new Providers(() => ({ kind: 'hardware', how: 'a test' }), 'linux', now).open(ort, graph, { provider, intraOpThreads: 1, deviceId }, () => {})
    .then(() => { throw new Error('it opened') }, (error: { message: string }) => error)
}

test('what CUDA lacks on a machine is said in a sentence, without signatures, paths and the name of the machine', async () => {
  const sentences: [Behaviour, string][] = [
    [{ refuses: cudaSays('CUDA failure 100: no CUDA-capable device is detected') }, 'CUDA cannot be used: CUDA finds no GPU that it can use.'],
    [{ refuses: cudaSays('CUDA failure 101: invalid device ordinal') }, 'CUDA cannot be used: there is no GPU of the device number that is asked for, 3.'],
    [{ refuses: cudaSays('CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version') }, 'CUDA cannot be used: the GPU’s driver is older than its library needs.'],
    [{ refuses: cudaSays('CUDA failure 46: all CUDA-capable devices are busy or unavailable') }, 'CUDA cannot be used: CUDA failure 46: all CUDA-capable devices are busy or unavailable.'],
    [{ fails: withoutCudnn }, 'CUDA cannot be used: cuDNN 9 is not on this machine (libcudnn.so.9).'],
  ]
  for (const [behaviour, sentence] of sentences) assert.equal((await refusal('cuda', behaviour, 3)).message, sentence)
})

test('a GPU that is full is no fault of the model: the CPU is offered, and nothing that is to be installed', async () => {
  for (const behaviour of [{ refuses: cudaSays('CUDA failure 2: out of memory') }, { fails: cudaSays('CUBLAS failure 3: the resource allocation failed', 'cublasStatus_t') }, { fails: bufferRefused }, { refusesModel: bufferRefused }]) {
    const { message, remedy, otherRemedy } = await refusal('cuda', behaviour)
    assert.equal(message, 'CUDA cannot be used: the GPU has too little free memory.')
    assert.deepEqual([remedy, otherRemedy], [{ title: 'Use CPU', command: 'useCpu' }, undefined])
  }
  const { message } = await refusal('webgpu', { refuses: 'Failed to get a WebGPU device: vkCreateDevice failed with VK_ERROR_INITIALIZATION_FAILED.\n    at CreateDevice' })
  assert.equal(message, 'WebGPU cannot be used: the graphics driver gives no device, as it does where the GPU’s memory is full: vkCreateDevice failed with VK_ERROR_INITIALIZATION_FAILED.')
})

test('under auto a GPU that lacks something is passed over with the same words, and found out anew only where memory was short', async () => {
  for (const [refuses, words, remembered] of [[cudaSays('CUDA failure 100: no CUDA-capable device is detected'), 'CUDA finds no GPU that it can use', true], [cudaSays('CUDA failure 2: out of memory'), 'the GPU has too little free memory', false]] as const) {
    const { ort, now } = runtimeWith({ cuda: { refuses } })
    const providers = new Providers(() => ({ kind: 'none', how: 'a test' }), 'linux', now)
    const asked = { provider: 'auto', intraOpThreads: 1 } as const
    assert.deepEqual((await providers.open(ort, graph, asked, () => {})).tried, [{ provider: 'cuda', error: words }, { provider: 'cpu' }])
    assert.equal(providers.remembered(asked) !== undefined, remembered)
  }
})

test('what a library of the GPU’s maker says during an evaluation is told without signatures and paths', () => {
  assert.equal(plainWords(withoutCudnn), 'cuDNN 9 is not on this machine (libcudnn.so.9).')
  assert.equal(plainWords(cudaSays('CUDNN failure 4000: CUDNN_STATUS_INTERNAL_ERROR', 'cudnnStatus_t')), 'CUDNN failure 4000: CUDNN_STATUS_INTERNAL_ERROR.')
  assert.equal(plainWords(bufferRefused), 'Conv: Failed to allocate memory for requested buffer of size 4194304.')
})

test('a GPU whose memory is taken during a run asks for a smaller batch', () => {
  const run = { plan: { adaptive: false, evaluations: 4 }, shape: [64, 3, 32, 32], engine: { provider: 'cuda' } } as unknown as RunDocument
  for (const words of [cudaSays('CUBLAS failure 3: the resource allocation failed', 'cublasStatus_t'), cudaSays('CUDA failure 2: out of memory'), bufferRefused]) {
    const { message, remedy } = evaluationError(new Error(words), 1, run)
    assert.deepEqual([message, remedy?.title], ['The network ran out of memory at evaluation 1 of 4.', 'Use a Batch of 1'])
  }
})
