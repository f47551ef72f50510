import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Host } from './harness'

interface Violation { id: string; impact?: string | null; help: string; nodes: { target: unknown[]; failureSummary?: string }[] }

/** What axe finds on the page as it is now, in words. */
export async function violations(host: Host): Promise<string[]> {
  await host.page.evaluate(readFileSync(createRequire(join(process.cwd(), 'package.json')).resolve('axe-core/axe.min.js'), 'utf8'))
  const found = await host.page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: Violation[] }> } }
    return (await axe.run(document, { resultTypes: ['violations'] })).violations
  })
  return found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target, failureSummary }) => `${JSON.stringify(target)} ${failureSummary}`).join(' | ')}`)
}
