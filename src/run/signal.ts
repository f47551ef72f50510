/** Something that can be listened to. What a listener throws is a bug of the listener and reaches the one who fires. */
export class Signal<T> {
  private readonly listeners = new Set<(value: T) => void>()

  on(listener: (value: T) => void): { dispose(): void } {
    this.listeners.add(listener)
    return { dispose: () => { this.listeners.delete(listener) } }
  }

  fire(value: T): void { for (const listener of [...this.listeners]) listener(value) }

  /** True where somebody listens. */
  get heard(): boolean { return this.listeners.size > 0 }
}
