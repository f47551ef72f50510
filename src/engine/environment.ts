// Imported first by main.ts: both must hold before ONNX Runtime is loaded.

/** Without it ONNX Runtime writes files to the user's cache folder and uploads usage data. */
process.env['ORT_DISABLE_TELEMETRY'] = '1'

// Where the engine has Float16Array, onnxruntime-node 1.30 rejects every float16 input (microsoft/onnxruntime pull request 32323).
delete (globalThis as { Float16Array?: unknown }).Float16Array
