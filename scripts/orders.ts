// Measured order of convergence of every method on every schedule, beside what its paper claims.   npm run orders [-- --json]
import { cases } from './orders/cases'
import { measure, schedules, type Measured } from './orders/measure'

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  const unknown = args.find((arg) => arg !== '--json')
  if (unknown !== undefined) {
    console.error(`${unknown} is not understood: npm run orders [-- --json]`)
    process.exitCode = 1
    return
  }
  const width = Math.max(...cases.map(({ name }) => name.length))
  if (!json) {
    console.log('Slope of log error over log evaluations, on data with a known solution, steps uniform in λ from −1 to 2.5. * is not what the paper claims, ! not what is expected.')
    console.log(`${''.padEnd(width)}  claimed${schedules.map(([name]) => name.padStart(13)).join('')}`)
  }
  const rows: { name: string; claimed: number; expected: number; why: string | undefined; measured: Record<string, Measured> }[] = []
  for (const orderCase of cases) {
    const measured: Record<string, Measured> = {}
    for (const [name, schedule] of schedules) if (orderCase.on?.includes(name) ?? true) measured[name] = await measure(orderCase, schedule)
    const { claimed, expected, why } = orderCase
    rows.push({ name: orderCase.name, claimed, expected, why, measured })
    const mark = (order: number): string => Math.abs(order - expected) > tolerance ? '!' : expected === claimed ? ' ' : '*'
    if (!json) console.log(`${orderCase.name.padEnd(width)}  ${String(claimed).padStart(7)}${schedules.map(([name]) => measured[name]).map((one) => (one ? `${one.order.toFixed(2)}${mark(one.order)}` : '– ').padStart(13)).join('')}`)
  }
  if (json) console.log(JSON.stringify({ methods: rows }))
  else printMisses(rows)
  if (rows.some(({ expected, measured }) => Object.values(measured).some(({ order }) => Math.abs(order - expected) > tolerance))) process.exitCode = 1
}

/** How far a slope may be from the order it stands for. */
const tolerance = 0.15

function printMisses(rows: readonly { name: string; claimed: number; expected: number; why: string | undefined }[]): void {
  console.log('\nMethods that miss their paper’s claim, and why')
  for (const { name, claimed, expected, why } of rows.filter((row) => row.expected !== row.claimed)) console.log(`  ${name}: ${expected} instead of ${claimed}. ${why ?? ''}`)
}

void main(process.argv.slice(2))
