import type { CommanderError } from 'commander'
import type { ErrorReport } from '../sampler/errors'

/** An error in the words of the command line: what is a button in VS Code is an option here. */
export function inOptions(report: ErrorReport): ErrorReport {
  return report.reason === 'providerUnavailable' && report.remedy ? { ...report, advice: 'Use --provider cpu, or --provider auto, which takes the first that runs.' } : report
}

/** What commander found wrong with the command line, as one sentence and what to do. */
export function usageError({ code, message }: CommanderError): ErrorReport {
  const quoted = /'([^' ]+)[^']*'/.exec(message)?.[1] ?? ''
  const meant = /Did you mean (.+)\?/.exec(message)?.[1]?.replace(/^one of /, '')
  return { reason: 'recipeInvalid', message: sentence(code, quoted, message), advice: meant ? `Did you mean ${meant}?` : '“dpm-solver sample --help” lists the options and their values.' }
}

function sentence(code: string, quoted: string, message: string): string {
  switch (code) {
    case 'commander.unknownOption': return `There is no option ${quoted}.`
    case 'commander.optionMissingArgument': return `The option ${quoted} needs a value.`
    case 'commander.unknownCommand': return `There is no command ${quoted}.`
    case 'commander.excessArguments': return `The command ${quoted} takes options only.`
    default: {
      const text = message.replace(/^error: /, '').split('\n')[0]!
      return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
    }
  }
}
