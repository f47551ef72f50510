import { fork, type ChildProcess } from 'node:child_process'
import type { Answer, Task } from './worker'

type Judged = Exclude<Answer, { error: string }>

/** A process with at most one task at a time. */
class Worker {
  private waiting: { resolve: (message: unknown) => void; reject: (error: Error) => void } | undefined

  constructor(private readonly child: ChildProcess) {
    child.on('message', (message) => { this.waiting?.resolve(message) })
    child.on('exit', () => { this.waiting?.reject(new Error('a worker ended in the middle of its work')) })
  }

  /** What it says next. */
  hears(): Promise<unknown> { return new Promise((resolve, reject) => { this.waiting = { resolve, reject } }) }

  async ask(task: Task): Promise<Judged> {
    const heard = this.hears()
    this.child.send(task)
    const answer = await heard as Answer
    if ('error' in answer) throw new Error(answer.error)
    return answer
  }

  dispose(): void {
    this.waiting = undefined
    if (this.child.connected) this.child.disconnect()
  }
}

/** Processes that work on tasks side by side. */
export class Workers {
  private constructor(private readonly workers: readonly Worker[]) {}

  /** @param file the bundle of worker.ts */
  static async start(count: number, file: string, root: string): Promise<Workers> {
    const workers = Array.from({ length: count }, () => new Worker(fork(file, [root], { serialization: 'advanced' })))
    await Promise.all(workers.map((worker) => worker.hears()))
    return new Workers(workers)
  }

  /** Works on all tasks and tells of their answers in the tasks' order. */
  async all(tasks: readonly Task[], tell: (answer: Judged, task: Task) => void): Promise<void> {
    const answers: (Judged | undefined)[] = []
    let next = 0
    let told = 0
    await Promise.all(this.workers.map(async (worker) => {
      for (let index = next++; index < tasks.length; index = next++) {
        answers[index] = await worker.ask(tasks[index]!)
        for (let answer = answers[told]; answer; answer = answers[told]) {
          tell(answer, tasks[told]!)
          answers[told++] = undefined
        }
      }
    }))
  }

  dispose(): void { for (const worker of this.workers) worker.dispose() }
}
