import { readFileSync } from 'node:fs'
import { messagesVariable } from '../protocol/messages'
import { setMessages } from '../sampler/text'

// Imported first by main.ts: the first two must hold before ONNX Runtime is loaded, the last before a text is made.

/** Without it ONNX Runtime writes files to the user's cache folder and uploads usage data. */
process.env['ORT_DISABLE_TELEMETRY'] = '1'

// Where the engine has Float16Array, onnxruntime-node 1.30 rejects every float16 input (microsoft/onnxruntime pull request 32323).
delete (globalThis as { Float16Array?: unknown }).Float16Array

const messages = process.env[messagesVariable]
if (messages !== undefined) {
  // What is wrong with a translation is no reason not to sample: the texts are English then.
  try { setMessages(JSON.parse(readFileSync(messages, 'utf8')) as Record<string, string>) } catch { setMessages(undefined) }
}
