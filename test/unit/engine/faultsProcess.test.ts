import { checkFaults } from './faultCheck'
import { processFaults } from './faultProcess'

checkFaults(processFaults)
