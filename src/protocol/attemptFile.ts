/**
 * The file in which an engine process says what it is trying that a driver may end it by: written before, removed after. One that stays behind tells the next engine what ended the last,
 * so a host that ends the process itself removes it.
 * @param memory absolute path of the file in which answers are remembered
 */
export const attemptFile = (memory: string, pid: number | string): string => `${memory}.trying-${pid}`
