// dist/webview-planner.js: the page fetches it once it has drawn itself, which takes no mathematics.
export { prepare } from '../src/recipe/prepare'
export { initialNoise } from './initialNoise'
export { pointsDrawing, pointsThumbnail } from './ui/points'
