import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { DpmError } from '../../../src/sampler/errors'
import { facts } from '../recipe/facts'
import { begin, FakeClock, finished, setUp, turn } from './fakeEngine'

const minute = 60_000
const exited = (): DpmError => new DpmError({ reason: 'engineExited', message: 'The engine process exited (SIGSEGV).', advice: 'Run again.', remedy: { title: 'Run Again', command: 'runAgain' } })

/** A session whose engine dies whenever it is told to. */
function mortal() {
  const clock = new FakeClock()
  const { engine, session, lines, current } = setUp({ clock })
  const die = async (reject: (error: Error) => void): Promise<void> => {
    session.engineExited(false)
    reject(exited())
    await turn()
  }
  /** Four runs, one after the other, each of which the engine dies of. */
  const exitFourTimes = async (): Promise<void> => {
    for (let exit = 1; exit <= 4; exit++) {
      const ended = session.generate()
      await turn()
      await die(engine.runs[exit - 1]!.reject)
      await ended
    }
  }
  return { clock, engine, session, lines, current, die, exitFourTimes }
}

suite('an engine that exits', () => {
  test('is started again three times in five minutes without being asked; at the next exit runs that wait are cancelled, and it is said', async () => {
    const { clock, engine, session, die } = mortal()
    const ended = Array.from({ length: 6 }, () => session.generate())
    for (let exit = 1; exit <= 4; exit++) {
      await turn()
      assert.equal(engine.runs.length, exit, 'the run that waited was begun')
      clock.pass(minute)
      await die(engine.runs[exit - 1]!.reject)
    }
    await turn()
    assert.equal(engine.runs.length, 4)
    const errors = (await Promise.all(ended)).map((summary) => summary?.error)
    assert.deepEqual(errors.map((error) => error?.remedy?.title), ['Run Again', 'Run Again', 'Run Again', 'Restart Engine', undefined, undefined])
    assert.equal(errors[3]!.message, 'The engine process exited (SIGSEGV). It has exited 4 times in five minutes, so it is not started again by itself, and runs that waited are cancelled.')
    assert.match(errors[3]!.advice, /log.*restart it/)
  })

  test('that often may be ended by the user without the loss of runs that wait', async () => {
    const { engine, session, exitFourTimes } = mortal()
    await exitFourTimes()
    void session.generate()
    const waiting = session.generate()
    await turn()
    session.engineExited(true) // Force Stop
    engine.runs[4]!.resolve({ ...finished, outcome: 'stopped' })
    await turn()
    engine.runs[5]!.resolve(finished)
    assert.equal((await waiting)?.outcome, 'finished')
  })

  test('less often than that is always started again', async () => {
    const { clock, engine, session, die } = mortal()
    const ended = Array.from({ length: 9 }, () => session.generate())
    for (let exit = 1; exit <= 9; exit++) {
      await turn()
      clock.pass(1.7 * minute) // three exits before this one is more than five minutes ago
      await die(engine.runs[exit - 1]!.reject)
    }
    assert.ok((await Promise.all(ended)).every((summary) => summary?.error?.remedy?.title === 'Run Again'))
  })

  test('at every look at a model is not asked to look again, until somebody asks for something', async () => {
    const { engine, session, die } = mortal()
    for (let exit = 1; exit <= 4; exit++) {
      session.inspect()
      await die(engine.inspected[exit - 1]!.reject)
    }
    const { model } = session.state
    assert.ok(model.status === 'failed')
    assert.match(model.error.message, /4 times in five minutes/)
    session.refresh() // as a page does that is shown again
    assert.equal(engine.inspected.length, 4)
    session.edit({ 'model.path': 'emoji' })
    assert.equal(engine.inspected.length, 5)
    engine.inspected[4]!.resolve(facts())
  })

  test('is given another chance by Restart Engine', async () => {
    const { engine, session, die, exitFourTimes } = mortal()
    await exitFourTimes()
    await session.restartEngine()
    assert.equal(engine.forgotten, 0, 'what ended the engine is not tried again at once')
    const ended = session.generate()
    await turn()
    await die(engine.runs[4]!.reject)
    assert.equal((await ended)?.error?.remedy?.title, 'Run Again')
    void session.generate()
    await turn()
    assert.equal(session.engineState, 'ready')
    await session.restartEngine()
    assert.equal(engine.forgotten, 1)
  })
})

test('an engine that could not be started is off: the next one is watched as it starts, and is ended where it is not used', async () => {
  const clock = new FakeClock()
  const { engine, session } = setUp({ clock }, { idleMinutes: 1 })
  const { start } = engine
  engine.start = () => Promise.reject(new DpmError({ reason: 'engineNotStarted', message: 'engine.nodePath names nothing.', advice: 'Correct it.' }))
  const states: string[] = []
  session.changed.on(() => { states.push(session.engineState) })
  session.inspect()
  engine.inspected[0]!.reject(new Error('not started'))
  await turn()
  assert.deepEqual([session.engineState, session.enginePid], ['off', undefined])
  assert.equal(states.at(-1), 'off', 'it is told')
  engine.start = start
  session.refresh()
  engine.inspected[1]!.resolve(facts())
  await turn()
  assert.deepEqual([session.engineState, session.enginePid], ['ready', 1])
  clock.pass(minute)
  assert.equal(engine.kills, 1)
})

test('an engine that was ended while it started and answers yet is not taken for the one there is', async () => {
  const { engine, session } = setUp()
  const hello = await engine.start()
  const starts: ((pid: number) => void)[] = []
  engine.info = () => new Promise(() => {})
  engine.start = () => new Promise((resolve) => { starts.push((pid) => { resolve({ ...hello, pid }) }) })
  const state = async (): Promise<unknown[]> => { await turn(); return [session.engineState, session.enginePid] }
  session.inspect()
  session.engineExited(true) // as a change of settings does
  starts[0]!(20)
  assert.deepEqual(await state(), ['off', undefined])
  void session.engineInfo()
  assert.equal(starts.length, 2, 'the next is watched')
  starts[1]!(21)
  assert.deepEqual(await state(), ['ready', 21])

  session.engineExited(true)
  void session.engineInfo()
  session.engineExited(true)
  void session.engineInfo()
  starts[2]!(22)
  assert.deepEqual(await state(), ['starting', undefined])
  starts[3]!(23)
  assert.deepEqual(await state(), ['ready', 23])
})

suite('an engine that is not used', () => {
  /** A session whose engine is there, and has just done something. */
  async function used(idleMinutes: number) {
    const clock = new FakeClock()
    const made = setUp({ clock }, { idleMinutes })
    made.session.inspect()
    made.engine.inspected[0]!.resolve(facts())
    await turn()
    assert.equal(made.session.engineState, 'ready')
    return { clock, ...made }
  }

  test('is ended after engine.idleMinutes, which the log says', async () => {
    const { clock, engine, lines } = await used(10)
    clock.pass(10 * minute - 1)
    assert.equal(engine.kills, 0)
    clock.pass(1)
    assert.equal(engine.kills, 1)
    assert.ok(lines.includes('engine ended after 10 minutes without use; the next run starts it again'))
    clock.pass(60 * minute)
    assert.equal(engine.kills, 1)
  })

  test('is kept where engine.idleMinutes is 0, and by what is set while it waits', async () => {
    const { clock, engine, session, current } = await used(0)
    clock.pass(10_000 * minute)
    assert.equal(engine.kills, 0)
    current.idleMinutes = 5
    session.followSettings()
    clock.pass(5 * minute)
    assert.equal(engine.kills, 1)
  })

  test('is not one that runs, estimates or looks at a model', async () => {
    const { clock, engine, session } = await used(1)
    const ended = session.generate()
    await turn()
    begin(engine.runs[0]!)
    clock.pass(60 * minute)
    assert.equal(engine.kills, 0, 'during a run')
    engine.runs[0]!.resolve(finished)
    await ended
    await turn()
    session.edit({ 'model.path': 'emoji' })
    clock.pass(60 * minute)
    assert.equal(engine.kills, 0, 'during an inspection')
    for (const { resolve } of engine.inspected) resolve(facts())
    await turn()
    let estimated: (error: Error) => void = () => {}
    engine.estimate = () => new Promise((_, reject) => { estimated = reject })
    const estimating = session.estimate({ images: null, count: 1, levels: 1 }, () => {}, new AbortController().signal)
    clock.pass(60 * minute)
    assert.equal(engine.kills, 0, 'during an estimation')
    estimated(new Error('enough'))
    await assert.rejects(estimating)
    clock.pass(minute)
    assert.equal(engine.kills, 1)
  })
})
