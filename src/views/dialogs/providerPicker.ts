import * as vscode from 'vscode'
import { providers, type Provider } from '../../protocol/engine'
import type { EngineInfo } from '../../protocol/engineInfo'
import { providerName } from '../../protocol/providerNames'
import { t } from '../../sampler/text'

type Item = vscode.QuickPickItem & { provider: Provider }

/** Every provider, whether it runs here, the one that is set marked. `info` is undefined where the engine did not say. */
export function providerItems(set: Provider, info: EngineInfo | undefined): Item[] {
  return providers.map((provider) => {
    const known = info?.providers.find((one) => one.provider === provider)
    const inUse = set === 'auto' && info?.remembered.auto === provider
    const description = [provider === set ? t('set') : '', inUse ? t('in use') : ''].filter(Boolean).join(', ')
    const software = provider === 'webgpu' && info?.adapter.kind === 'software'
    return {
      provider, label: `${provider === set ? '$(check) ' : ''}${provider === 'auto' ? t('Automatic') : providerName(provider)}`, ...(description ? { description } : {}),
      detail: provider === 'auto' ? t('The GPU providers of this platform first, then the CPU') : !known ? '' : known.error === null ? software ? t('Runs on this machine, on a software adapter') : t('Runs on this machine') : known.tried ? t('Does not run: {0}', known.error) : t('Not tried: {0}', known.error),
    }
  })
}

/**
 * Lets the user choose an execution provider; undefined where he gave up. What does not run may be chosen too: to run it says how to install it. What `info` tells is filled in when it is
 * there: a driver that hangs must not keep the CPU from being chosen.
 */
export function pickProvider(set: Provider, info: Promise<EngineInfo>): Promise<Provider | undefined> {
  const picker = vscode.window.createQuickPick<Item>()
  Object.assign(picker, { title: t('Select Execution Provider'), placeholder: t('What evaluates the model'), matchOnDetail: true, busy: true, items: providerItems(set, undefined) })
  let open = true
  const fill = (known: EngineInfo | undefined): void => {
    if (!open) return
    const active = picker.activeItems[0]?.provider
    picker.busy = false
    if (known) picker.items = providerItems(set, known)
    picker.activeItems = picker.items.filter(({ provider }) => provider === active)
  }
  info.then(fill, () => { fill(undefined) })
  return new Promise((resolve) => {
    picker.onDidAccept(() => { resolve(picker.selectedItems[0]?.provider); picker.hide() })
    picker.onDidHide(() => { open = false; resolve(undefined); picker.dispose() })
    picker.show()
  })
}
