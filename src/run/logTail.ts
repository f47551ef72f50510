import type { Log } from './runner'

const kept = 500

/** A log that passes every line on and keeps the last ones. */
export class LogTail implements Log {
  readonly lines: string[] = []

  constructor(private readonly log: Log) {}

  debug(line: string): void { this.keep('debug', line) }
  info(line: string): void { this.keep('info', line) }
  warn(line: string): void { this.keep('warn', line) }
  error(line: string): void { this.keep('error', line) }

  private keep(level: keyof Log, line: string): void {
    this.log[level](line)
    this.lines.push(`${level} ${line}`)
    if (this.lines.length > kept) this.lines.shift()
  }
}
