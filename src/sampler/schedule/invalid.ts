import { DpmError } from '../errors'

/** A schedule that cannot be: names the recipe field that asked for it. */
export function scheduleError(field: string, message: string, advice: string): DpmError {
  return new DpmError({ reason: 'recipeInvalid', field, message, advice })
}
