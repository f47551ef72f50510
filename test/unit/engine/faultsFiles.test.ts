import { checkFaults } from './faultCheck'
import { fileFaults } from './faultFiles'

checkFaults(fileFaults)
