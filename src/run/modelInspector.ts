import type { Inspected } from '../protocol/engine'
import type { ModelState } from '../protocol/view'
import { reportOf } from '../sampler/errors'
import { untrusted } from './trust'

/** What is known of the model that the recipe names. Asks the engine when told to, remembers the answer, and drops answers that come too late. */
export class ModelInspector {
  private current: ModelState | undefined
  private asked = 0

  constructor(
    private readonly ask: (path: string) => Promise<Inspected>, private readonly allowed: (path: string) => boolean, private readonly changed: () => void,
    private readonly log: { info(line: string): void; warn(line: string): void },
  ) {}

  /** True once a model was asked for. */
  get known(): boolean { return this.current !== undefined }

  state(path: string): ModelState {
    return this.current?.path === path ? this.current : { status: 'loading', path }
  }

  /** Asks for the facts of a model unless they are there or under way; what failed is tried again. */
  inspect(path: string): void {
    if (this.current?.path === path && this.current.status !== 'failed') return
    const turn = ++this.asked
    if (!this.allowed(path)) { this.settle({ status: 'failed', path, error: untrusted().report() }); return }
    this.settle({ status: 'loading', path })
    this.request(path, turn)
  }

  /** Asks again for the facts that are known, which stay until the answer is there; where they are not known, as inspect. */
  refresh(path: string): void {
    if (this.current?.path === path && this.current.status === 'ready') this.request(path, ++this.asked)
    else this.inspect(path)
  }

  /** The answer is not to be relied on any more: the next inspect asks again. */
  forget(): void {
    this.asked++
    this.current = undefined
  }

  private request(path: string, turn: number): void {
    this.ask(path).then(
      ({ facts, provider, tried, adapter }) => {
        const state: ModelState = { status: 'ready', path, facts }
        if (turn !== this.asked || JSON.stringify(state) === JSON.stringify(this.current)) return
        this.log.info(`model ${facts.name}: ${facts.predictionType}, ${facts.shape.join('×')}, on ${provider}${adapter === 'software' ? ', whose adapter is a program and no GPU' : ''}`)
        for (const { provider: name, error } of tried) if (error !== undefined) this.log.info(`provider ${name} does not run: ${error}`)
        this.settle(state)
      },
      (error: unknown) => {
        if (turn !== this.asked) return
        const report = reportOf(error)
        if (this.current?.status === 'ready' && report.reason === 'engineExited') return // which says nothing of the model
        this.log.warn(`model ${path}: ${report.message} ${report.advice}`)
        this.settle({ status: 'failed', path, error: report })
      },
    )
  }

  private settle(state: ModelState): void {
    this.current = state
    this.changed()
  }
}
