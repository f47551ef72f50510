// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- it declares what `?words` imports, which each project that reaches this file needs
/// <reference path="../schemas.d.ts" />
import words from '../../schemas/recipe.schema.json?words'

/** What the schema says of the field or group at a dotted path. */
export const descriptionOf = (path: string): string => words[path]?.description ?? ''

/** What it says of the values of a choice, in the order of its `enum`; empty where it says nothing. */
export const valueDescriptionsOf = (path: string): readonly string[] => words[path]?.enumDescriptions ?? []
