import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DpmError, reportOf, type ErrorReport } from '../../../src/sampler/errors'

const report: ErrorReport = { reason: 'outputFile', message: 'No room.', advice: 'Make some.' }

test('an error of another file of the packed extension, which has a class of its own, is known as one; others are not', () => {
  class OfAnotherFile extends Error {
    override name = 'DpmError'
    report(): ErrorReport { return report }
  }
  assert.ok(new DpmError(report) instanceof DpmError && new OfAnotherFile() instanceof DpmError)
  assert.deepEqual([reportOf(new OfAnotherFile()), reportOf(new DpmError(report))], [report, report])
  for (const other of [new Error('x'), new RangeError('x'), { name: 'DpmError' }, 'DpmError', null, undefined]) {
    assert.equal(other instanceof DpmError, false)
    assert.equal(reportOf(other).reason, 'internal')
  }
})
