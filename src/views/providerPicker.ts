import * as vscode from 'vscode'
import { providers, type Provider } from '../protocol/engine'
import type { EngineInfo } from '../protocol/engineInfo'
import { providerName } from '../protocol/providerNames'

type Item = vscode.QuickPickItem & { provider: Provider }

/** Every provider, whether it runs here, the one that is set marked. `info` is undefined where the engine did not say. */
export function providerItems(set: Provider, info: EngineInfo | undefined): Item[] {
  return providers.map((provider) => {
    const known = info?.providers.find((one) => one.provider === provider)
    const inUse = info?.model?.provider === provider
    const description = [provider === set ? 'set' : '', inUse ? 'in use' : ''].filter(Boolean).join(', ')
    const software = provider === 'webgpu' && known?.error === null && info?.adapter.kind === 'software' ? ', on a software adapter' : ''
    return {
      provider, label: `${provider === set ? '$(check) ' : ''}${provider === 'auto' ? 'Automatic' : providerName(provider)}`, ...(description ? { description } : {}),
      detail: provider === 'auto' ? 'The GPU providers of this platform first, then the CPU' : !known ? '' : known.error === null ? `Runs on this machine${software}` : `Does not run: ${known.error}`,
    }
  })
}

/** Lets the user choose an execution provider; undefined where he gave up. What does not run may be chosen too: to run it says how to install it. */
export async function pickProvider(set: Provider, info: Promise<EngineInfo | undefined>): Promise<Provider | undefined> {
  const items: Promise<Item[]> = info.then((known) => providerItems(set, known))
  const picked = await vscode.window.showQuickPick<Item>(items, { title: 'Select Execution Provider', placeHolder: 'What evaluates the model', matchOnDetail: true })
  return picked?.provider
}
