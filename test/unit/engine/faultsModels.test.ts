import { modelFaults } from './faultModels'
import { checkFaults } from './faultCheck'

checkFaults(modelFaults)
