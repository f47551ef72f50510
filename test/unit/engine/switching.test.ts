import '../../../src/engine/environment'
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Models } from '../../../src/engine/models'
import { loadRuntime, type Runtime, type Session } from '../../../src/engine/runtime'
import { cpu } from './withClient'

type Options = Parameters<Runtime['InferenceSession']['create']>[1]

/** What is made and released from now on, in order: `+digits`, `−digits`. */
function watchSessions(t: TestContext): string[] {
  const seen: string[] = []
  const { InferenceSession } = loadRuntime()
  const create = InferenceSession.create.bind(InferenceSession) as (path: string, options?: Options) => Promise<Session>
  t.mock.method(InferenceSession, 'create', async (path: string, options?: Options) => {
    const name = path.split('/').at(-3)!
    const session = await create(path, options)
    seen.push(`+${name}`)
    const release = session.release.bind(session)
    session.release = async () => { seen.push(`−${name}`); await release() }
    return session
  })
  return seen
}

const load = (models: Models, name: string, use: () => Promise<void> | void = () => {}): Promise<void> => models.with(name, cpu, () => {}, use)

test('another model is loaded when the one before was released, so that both are never held', async (t) => {
  const seen = watchSessions(t)
  const models = new Models('media/models')
  for (const name of ['digits', 'digits', 'emoji', 'digits']) await load(models, name)
  assert.deepEqual(seen, ['+digits', '−digits', '+emoji', '−emoji', '+digits'])
})

test('… unless that is in use: then it goes with its last user', async (t) => {
  const seen = watchSessions(t)
  const models = new Models('media/models')
  await load(models, 'digits', async () => {
    await load(models, 'emoji')
    assert.deepEqual(seen, ['+digits', '+emoji'])
  })
  assert.deepEqual(seen, ['+digits', '+emoji', '−digits'])
})
