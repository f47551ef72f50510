import { fileFaults } from './faultFiles'
import { modelFaults } from './faultModels'
import { processFaults } from './faultProcess'
import type { FaultGroup } from './faultTable'

/** Every fault there is a test of. */
export const allFaults: readonly FaultGroup[] = [...processFaults, ...fileFaults, ...modelFaults]
