// The entry of dist/recipes.js, where the planner, the checks of recipes and the schema are in the packed extension. The host gets them by door.ts only.
export { complete, defaultRecipe } from './defaults'
export { prepare } from './prepare'
export { evaluationsText, recipeInWords, runName, stepsText } from './recipeWords'
export { fieldPaths } from './schema'
export { findsSteps, shortSolverName, solverName } from './solverName'
export { recipeErrors } from './validate'
