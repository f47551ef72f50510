import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figures } from './figures'

/** What docs/figures/results.json holds. */
export interface ResultsDocument {
  /** What they were measured with; another model or other seeds give other figures. */
  model: { name: string; sha256: string }
  features: { sha256: string }
  versions: { product: string; onnxruntime: string; node: string }
  /** Sample k has the seed k and the class k mod 10. The Fréchet distance of few samples is larger. */
  samples: number
  /** Of the solution that counts as exact: how far twice as many steps move it, rms over the first samples. */
  exact: { guidance: number; steps: number; moves: number }[]
  cells: Figures[]
}

export const folderOf = (root: string): string => join(root, 'docs/figures')

export function readDocument(root: string): ResultsDocument | undefined {
  const path = join(folderOf(root), 'results.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) as ResultsDocument : undefined
}

/** JSON with one line for each cell, so that a change shows where it is. */
export function writtenDocument({ cells, ...rest }: ResultsDocument): string {
  const head = JSON.stringify(rest, undefined, 2).replace(/\n}$/, '')
  return `${head},\n  "cells": [\n${cells.map((cell) => `    ${JSON.stringify(cell)}`).join(',\n')}\n  ]\n}\n`
}
