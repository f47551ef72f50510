import * as vscode from 'vscode'
import { serverOrigin } from '../protocol/serverOrigin'
import { isObject } from '../recipe/path'
import { t } from '../sampler/text'

/** Under which name VS Code keeps the tokens: one entry, JSON, by the origin of the server that each is for. */
const secretKey = 'dpmSolver.serverTokens'

/** Bearer tokens of inference servers, in VS Code's secret storage and nowhere else. A token goes to the server it was given for only, whatever address a workspace names. */
export class ServerTokens {
  private readonly subscription: vscode.Disposable

  /** @param changed a token is another now, here or in another window */
  constructor(private readonly secrets: vscode.SecretStorage, private readonly changed: () => Promise<void>) {
    this.subscription = secrets.onDidChange(({ key }) => { if (key === secretKey) void changed() })
  }

  /** All of them, by origin. */
  async all(): Promise<Record<string, string>> {
    const kept: unknown = JSON.parse(await this.secrets.get(secretKey) ?? '{}')
    return isObject(kept) ? Object.fromEntries(Object.entries(kept).filter((entry): entry is [string, string] => typeof entry[1] === 'string')) : {}
  }

  /** An empty token removes the one that is kept. Resolves when the engine knows. */
  async set(origin: string, token: string): Promise<void> {
    const tokens = await this.all()
    if (token === '') delete tokens[origin]
    else tokens[origin] = token
    await this.secrets.store(secretKey, JSON.stringify(tokens))
    // The event of the change comes at some time, and a run may be the next thing that is asked for.
    await this.changed()
  }

  dispose(): void { this.subscription.dispose() }
}

/**
 * Asks for the token of the server that the settings name, or where they name none for its address first, and keeps it.
 * Resolves to the server's origin, or undefined where the user gave up.
 * @param given `server` and `token`, by callers that know them
 */
export async function setServerToken(tokens: ServerTokens, configured: string, given: unknown): Promise<string | undefined> {
  const known = isObject(given) ? given : {}
  const address = typeof known['server'] === 'string' ? known['server'] : configured
  const origin = serverOrigin(address) ?? serverOrigin(await vscode.window.showInputBox({
    title: t('Set Server Token'), prompt: t('Address of the inference server'), placeHolder: 'https://host:8000', ignoreFocusOut: true,
    validateInput: (text) => serverOrigin(text) === null ? t('An address of http or https is needed.') : undefined,
  }) ?? '')
  if (origin === null) return undefined
  const token = typeof known['token'] === 'string' ? known['token'] : await vscode.window.showInputBox({
    title: t('Set Server Token'), prompt: t('Bearer token for {0}; empty removes the one that is kept', origin), password: true, ignoreFocusOut: true,
  })
  if (token === undefined) return undefined
  await tokens.set(origin, token.trim())
  return origin
}
