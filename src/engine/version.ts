/** Of the extension that the engine belongs to; set when it is bundled. */
export const engineVersion = process.env['DPM_VERSION'] ?? 'development'
