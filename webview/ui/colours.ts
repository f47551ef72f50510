import type { Rgb } from '../../src/render/canvas'
import type { PointsColours } from '../../src/render/points'

let context: CanvasRenderingContext2D | null = null

/** The theme's colours as they are now, for drawings that are made of pixels. */
export function themeColours(): PointsColours {
  const style = getComputedStyle(document.documentElement)
  const background = over([0, 0, 0], style.getPropertyValue('--vscode-editor-background'), '#000000')
  const foreground = over(background, style.getPropertyValue('--vscode-foreground'), '#808080')
  const named = (name: string): Rgb => {
    const text = style.getPropertyValue(`--vscode-${name}`)
    return text === '' ? foreground : over(background, text, '#808080')
  }
  return { background, density: foreground, points: named('charts-blue'), exact: named('charts-yellow'), frame: named('descriptionForeground') }
}

/** A CSS colour laid over another; `otherwise` where it is none. */
function over(under: Rgb, text: string, otherwise: string): Rgb {
  context ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  if (!context) return under
  context.canvas.width = context.canvas.height = 1 // which clears it
  context.fillStyle = `rgb(${under.join(' ')})`
  context.fillRect(0, 0, 1, 1)
  context.fillStyle = otherwise
  context.fillStyle = text.trim() // which a text that is no colour does not change
  context.fillRect(0, 0, 1, 1)
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data
  return [red, green, blue]
}
