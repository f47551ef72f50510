import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { allFaults } from './faultList'
import { faultsPage, patternOf } from './faultTable'

if (process.argv.includes('--write')) writeFileSync('docs/faults.md', faultsPage(allFaults))

test('docs/faults.md says what the tests check', () => {
  assert.equal(readFileSync('docs/faults.md', 'utf8'), faultsPage(allFaults), 'write it anew: npm run faults')
})

test('a sentence of the table fits what it says, and nothing else', () => {
  assert.match('The engine exited (SIGKILL) during step 3 of 20.', patternOf('The engine exited (SIGKILL) during step {n} of {n}.'))
  assert.doesNotMatch('The engine exited (SIGKILL) during step three of 20.', patternOf('The engine exited (SIGKILL) during step {n} of {n}.'))
  assert.doesNotMatch('One more. The engine exited.', patternOf('The engine exited.'))
})
