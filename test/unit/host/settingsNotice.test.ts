import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorReport } from '../../../src/sampler/errors'
import { openSettingsRemedy } from '../../../src/settingsSnapshot'
import { settingsNotice } from '../../../src/views/settingsNotice'
import { setUp } from './fakeEngine'

const wrong = (name: string): ErrorReport => ({ reason: 'recipeInvalid', message: `“${name}” must be a number.`, advice: 'The default 1 is used until the setting is corrected.', remedy: openSettingsRemedy })

test('settings that are not usable are told of together: the first, and how many more, until they are corrected', () => {
  const { session } = setUp()
  const told: string[] = []
  session.failed.on(({ message }) => { told.push(message) })
  const tell = settingsNotice(session)
  const notice = (): ErrorReport | null => session.state.notice
  const [steps, order, seed] = [wrong('Steps'), wrong('Order'), wrong('Seed')]
  tell([steps, order])
  assert.deepEqual([notice()?.message, notice()?.remedy], ['“Steps” must be a number. 1 more setting is not usable.', openSettingsRemedy])
  assert.equal(told.length, 1, 'in one message')
  tell([steps, order])
  assert.equal(told.length, 1, 'and once')
  tell([steps, order, seed])
  assert.equal(notice()?.message, '“Steps” must be a number. 2 more settings are not usable.')
  tell([order])
  assert.deepEqual(notice(), order, 'what is left')
  tell([])
  assert.equal(notice(), null)
  tell([steps, order])
  session.dismissNotice()
  tell([order])
  assert.equal(notice(), null, 'not again what was dismissed')
  session.report(wrong('File'))
  tell([])
  assert.deepEqual(notice(), wrong('File'), 'another notice stays')
})
