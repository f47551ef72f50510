import type { Answer, DerivedPicture, DerivedTensor, Question } from '../src/protocol/inspect'

/** Bytes of pictures the page keeps: those that came last. */
const budget = 16e6

/** What came for a row: of which tensors, and the pictures of those that are defined there. `failed`: the row could not be read. */
export interface DerivedPictures { asked: readonly DerivedTensor[]; failed: boolean; width: number; height: number; pictures: readonly DerivedPicture[] }

type Pictures<T> = Extract<T, { of: 'pictures' }>

/** The pictures by row with those of one more answer; the oldest go once the budget is spent. */
export function withDerived(kept: ReadonlyMap<number, DerivedPictures>, { row, tensors }: Pictures<Question>, answer: Pictures<Answer> | null): ReadonlyMap<number, DerivedPictures> {
  const before = kept.get(row)
  const rows = new Map(kept)
  rows.delete(row)
  rows.set(row, {
    asked: [...before?.asked ?? [], ...tensors], failed: answer === null, width: answer?.width ?? 0, height: answer?.height ?? 0,
    pictures: [...before?.pictures.filter(({ tensor }) => !tensors.includes(tensor)) ?? [], ...answer?.pictures ?? []],
  })
  let bytes = 0
  for (const { pictures } of rows.values()) bytes += sizeOf(pictures)
  for (const [other, { pictures }] of rows) {
    if (bytes <= budget || other === row) break
    rows.delete(other)
    bytes -= sizeOf(pictures)
  }
  return rows
}

const sizeOf = (pictures: readonly DerivedPicture[]): number => pictures.reduce((sum, { rgba }) => sum + rgba.byteLength, 0)
