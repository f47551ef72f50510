// dist/webview-planner.js: the page fetches it once it has drawn itself, which takes no mathematics.
export { choicesOf, isDiscrete, scheduleChoices } from '../src/recipe/choices'
export { prepare } from '../src/recipe/prepare'
export { initialNoise } from './initialNoise'
export { pointsDrawing, pointsThumbnail } from './ui/points'
export { advancedFields } from './ui/advanced'
export { foldedGroups } from './ui/foldedGroups'
export { recordedRecipe } from './ui/recordedRecipe'
