import type { FloatArray, LatentSpace, Level } from '../sampler/types'
import { normalised } from './normalised'
import type { StateShape } from './pixels'

/** What is drawn of a state: values on the scale of pictures, [−1, 1] being black to white, and their shape. */
export interface Shown { values: FloatArray; shape: StateShape }

/** A linear map from a latent pixel to a colour: `factors`[channel] is what a unit of it adds to red, green and blue, `bias` the colour of zero. */
interface LatentMap { factors: readonly (readonly [red: number, green: number, blue: number])[]; bias: readonly [red: number, green: number, blue: number] }

/**
 * Published fits of decoders by one matrix each, for latents as networks have them (after the autoencoder's scaling factor and shift) and colours in [−1, 1]. The numbers are those of
 * `latent_rgb_factors` and `latent_rgb_factors_bias` in ComfyUI's comfy/latent_formats.py (classes SD15, SDXL, SD3, Flux).
 */
const maps: Record<LatentSpace, LatentMap> = {
  sd: { factors: [[0.3512, 0.2297, 0.3227], [0.3250, 0.4974, 0.2350], [-0.2829, 0.1762, 0.2721], [-0.2120, -0.2616, -0.7177]], bias: [0, 0, 0] },
  sdxl: { factors: [[0.3651, 0.4232, 0.4341], [-0.2533, -0.0042, 0.1068], [0.1076, 0.1111, -0.0362], [-0.3165, -0.2492, -0.2188]], bias: [0.1084, -0.0175, -0.0011] },
  sd3: {
    factors: [
      [-0.0922, -0.0175, 0.0749], [0.0311, 0.0633, 0.0954], [0.1994, 0.0927, 0.0458], [0.0856, 0.0339, 0.0902], [0.0587, 0.0272, -0.0496], [-0.0006, 0.1104, 0.0309],
      [0.0978, 0.0306, 0.0427], [-0.0042, 0.1038, 0.1358], [-0.0194, 0.0020, 0.0669], [-0.0488, 0.0130, -0.0268], [0.0922, 0.0988, 0.0951], [-0.0278, 0.0524, -0.0542],
      [0.0332, 0.0456, 0.0895], [-0.0069, -0.0030, -0.0810], [-0.0596, -0.0465, -0.0293], [-0.1448, -0.1463, -0.1189],
    ],
    bias: [0.2394, 0.2135, 0.1925],
  },
  flux: {
    factors: [
      [-0.0346, 0.0244, 0.0681], [0.0034, 0.0210, 0.0687], [0.0275, -0.0668, -0.0433], [-0.0174, 0.0160, 0.0617], [0.0859, 0.0721, 0.0329], [0.0004, 0.0383, 0.0115],
      [0.0405, 0.0861, 0.0915], [-0.0236, -0.0185, -0.0259], [-0.0245, 0.0250, 0.1180], [0.1008, 0.0755, -0.0421], [-0.0515, 0.0201, 0.0011], [0.0428, -0.0012, -0.0036],
      [0.0817, 0.0765, 0.0749], [-0.1264, -0.0522, -0.1103], [-0.0280, -0.0881, -0.0499], [-0.1262, -0.0982, -0.0778],
    ],
    bias: [-0.0329, -0.0718, -0.0851],
  },
}

/**
 * A state as every picture of it shows it: divided by the spread of its level where `levels` are given (of x, not of x̂₀; see normalised()), and where its values are latents
 * ([B, 4 or 16, H, W]) mapped to colours, [B, 3, H, W], which are an approximation: a decoder makes more of them.
 * @param space which latents they are; null: they are pixels, or shown as if they were
 */
export function shown(values: FloatArray, shape: StateShape, space: LatentSpace | null, levels?: readonly Pick<Level, 'alpha' | 'sigma'>[]): Shown {
  const scaled = levels ? normalised(values, shape, levels) : values
  return space === null ? { values: scaled, shape } : coloured(scaled, shape, maps[space])
}

function coloured(latents: FloatArray, [batch, channels, height, width]: StateShape, { factors, bias }: LatentMap): Shown {
  if (channels !== factors.length) throw new RangeError(`${channels} channels, and a map of ${factors.length}`)
  const area = height * width
  const values = new Float32Array(batch * 3 * area)
  for (let item = 0; item < batch; item++) {
    for (let c = 0; c < 3; c++) {
      const out = values.subarray((item * 3 + c) * area, (item * 3 + c + 1) * area).fill(bias[c]!)
      for (let k = 0; k < channels; k++) {
        const factor = factors[k]![c]!
        const from = (item * channels + k) * area
        for (let p = 0; p < area; p++) out[p]! += factor * latents[from + p]!
      }
    }
  }
  return { values, shape: [batch, 3, height, width] }
}
