import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prepare } from '../../../src/recipe/prepare'
import { pngTexts } from '../../../src/run/pngText'
import { facts, recipe } from '../recipe/facts'
import { document, row } from './folder'

test('the parameters of a picture name the classes that were chosen, not the label that stands for none', () => {
  const base = document()
  const classesOf = (changes: Record<string, unknown>, item: number | null): string | undefined => {
    const asked = recipe({ 'noise.batch': 2, 'solver.steps': 3, ...changes })
    const made = { ...base, recipe: asked, labels: prepare(asked, facts({ shape: [1, 2, 2] })).labels }
    return /Class: ([^,]*)/.exec(pngTexts(made, row(base, 3), 'x', 'parameters', { item })['parameters']!)?.[1]
  }
  assert.equal(classesOf({}, null), undefined)
  assert.equal(classesOf({}, 1), undefined)
  assert.equal(classesOf({ 'conditioning.classLabel': 2 }, null), '2')
  assert.equal(classesOf({ 'conditioning.classLabel': [1, 'none'] }, null), '1 none')
  assert.equal(classesOf({ 'conditioning.classLabel': [1, 'none'] }, 0), '1')
  assert.equal(classesOf({ 'conditioning.classLabel': [1, 'none'] }, 1), undefined)
  assert.equal(classesOf({ 'conditioning.classLabel': 2, 'model.nullClassLabel': 2 }, null), undefined)
})
