import { existsSync, statSync } from 'node:fs'

/** Says how far something is, at each quarter of it: `unit` as in “3/12 evaluations”. What is over says so itself. */
export function quarters(remark: (text: string) => void, unit: string): (done: number, of: number) => void {
  let quarter = 0
  return (done, of) => {
    if (done * 4 < (quarter + 1) * of) return
    quarter = Math.floor(done * 4 / of)
    remark(`${Math.floor(done)}/${of} ${unit}\n`)
  }
}

/** True where a folder is at the path; false also where a part of it is a file. */
export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory()
