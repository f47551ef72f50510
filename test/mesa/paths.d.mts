export interface SoftwareGpu { version: string; source: string; environment: Record<string, string>; files: string[] }
export const mesaDir: string
export const driverFile: string
export function softwareGpu(): SoftwareGpu | undefined
