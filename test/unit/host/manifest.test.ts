import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { commandIds, commandTitles, contextKeys, extensionId, hostSettingKeys, modelsViewId, previewViewType, recordingViewType, runPanelViewType, runsViewId } from '../../../src/manifest'
import { fields } from '../../../src/recipe/fields'
import { schemaAt } from '../../../src/recipe/schema'
import { recipeErrors } from '../../../src/recipe/validate'
import { setPath } from '../../../src/recipe/path'
import { readSettings } from '../../../src/settingsSnapshot'
import { readManifest } from '../manifestFile'

interface Property {
  order: number; scope: string; type: string | string[]; default: unknown; markdownDescription: string
  enum?: unknown[]; enumDescriptions?: string[]; enumItemLabels?: string[]; minimum?: number; maximum?: number
}
interface Item { command: string; when?: string; title?: string; category?: string; key?: string }
const manifest = readManifest<{
  name: string; publisher: string; activationEvents: string[]
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] }; virtualWorkspaces: { supported: boolean; description: string } }
  contributes: { views: Record<string, { id: string }[]>; viewsWelcome: { view: string }[]; customEditors: { viewType: string }[]; commands: Item[]; menus: Record<string, Item[]>; keybindings: Item[]; configuration: { title: string; order: number; properties: Record<string, Property> }[] }
}>()
const { commands, menus, keybindings, configuration } = manifest.contributes
const properties = Object.assign({}, ...configuration.map((group) => group.properties)) as Record<string, Property>
const viewIds: string[] = [runsViewId, modelsViewId]
const recipeFields = fields.filter((field) => field.setting !== null)
/** `seed.mode` says random, so `seed.value` is a seed; an empty `model.path` is the bundled model. */
const settingDefaults: Record<string, unknown> = { 'seed.value': 0, 'model.path': '' }

suite('package.json and the tables the code goes by', () => {
  test('commands: the same ids with the same titles, one category', () => {
    assert.deepEqual(Object.fromEntries(commands.map(({ command, title }) => [command, title])), { ...commandTitles })
    assert.deepEqual(new Set(commands.map(({ category }) => category)), new Set(['DPM-Solver']))
  })

  test('settings: exactly those that are read', () => {
    const read = [...recipeFields.map(({ setting }) => setting), ...hostSettingKeys].map((key) => `dpmSolver.${key}`)
    assert.deepEqual(Object.keys(properties).sort(), read.sort())
  })

  test('every setting has a default, a place, a scope and a description that names a sibling', () => {
    for (const [key, { order, scope, default: value, markdownDescription }] of Object.entries(properties)) {
      assert.ok(Number.isInteger(order) && value !== undefined && ['resource', 'window', 'machine-overridable'].includes(scope), key)
      assert.match(markdownDescription, /`#dpmSolver\.[\w.]+#`|\*\*DPM-Solver: /, key)
      for (const [, sibling] of markdownDescription.matchAll(/`#([\w.]+)#`/g)) assert.ok(properties[sibling!] && sibling !== key, `${key} links ${sibling}`)
    }
  })

  test('every value of an enum has a label and a description', () => {
    for (const [key, property] of Object.entries(properties)) {
      if (!property.enum) continue
      assert.equal(property.enumDescriptions?.length, property.enum.length, key)
      assert.equal(property.enumItemLabels?.length, property.enum.length, key)
    }
  })

  test('the defaults are the recipe schema’s and those the code falls back to', () => {
    for (const { path, setting } of recipeFields) {
      assert.deepEqual(properties[`dpmSolver.${setting}`]!.default, settingDefaults[setting] ?? schemaAt(path)!.default, setting)
    }
    const unset = readSettings(() => undefined, '/folder')
    const byDefault = readSettings((key) => properties[`dpmSolver.${key}`]!.default, '/folder')
    assert.deepEqual(byDefault, unset)
    assert.deepEqual(unset.problems, [])
  })

  test('enums and limits of the recipe’s settings are the schema’s', () => {
    for (const { path, setting } of recipeFields) {
      const property = properties[`dpmSolver.${setting}`]!
      const node = schemaAt(path)!
      if (property.enum) {
        if (node.enum) assert.deepEqual([...property.enum].sort(), [...node.enum].sort(), setting)
        for (const value of property.enum) assert.deepEqual(recipeErrors(setPath({}, path, value)), [], `${setting} ${JSON.stringify(value)}`)
      }
      for (const limit of [property.minimum, property.maximum]) if (limit !== undefined) assert.deepEqual(recipeErrors(setPath({}, path, limit)), [], `${setting} ${limit}`)
      if (property.maximum !== undefined) assert.equal(recipeErrors(setPath({}, path, property.maximum + 1)).length, 1, setting)
    }
  })

  test('the code takes what the other settings allow and refuses what is outside', () => {
    for (const key of hostSettingKeys) {
      const property = properties[`dpmSolver.${key}`]!
      const accepts = (value: unknown): boolean => readSettings((asked) => asked === key ? value : undefined, '/folder').problems.length === 0
      for (const value of [...property.enum ?? [], property.minimum, property.maximum]) if (value !== undefined) assert.ok(accepts(value), `${key} ${JSON.stringify(value)}`)
      if (property.enum) assert.ok(!accepts('something else'), key)
      if (property.minimum !== undefined) assert.ok(!accepts(property.minimum - 1), key)
      if (property.maximum !== undefined) assert.ok(!accepts(property.maximum + 1), key)
      assert.ok(!accepts(null), key)
    }
  })

  test('menus and keybindings name commands and context keys there are', () => {
    const known = new Set<string>([...commandIds, ...Object.values(contextKeys), ...viewIds])
    for (const { command, when = '' } of [...Object.values(menus).flat(), ...keybindings]) {
      assert.ok(known.has(command), command)
      for (const [name] of when.replace(/'[^']*'/g, '').matchAll(/dpmSolver\.\w+/g)) assert.ok(known.has(name), `${command} when ${when}`)
      for (const [, id] of when.matchAll(/activeWebviewPanelId == '([^']*)'/g)) assert.ok(id === previewViewType || id === runPanelViewType, `${command} when ${when}`)
    }
  })

  test('views and the editor of recordings have the ids that the code registers, and what is empty says what to do', () => {
    assert.deepEqual(manifest.contributes.views['dpmSolver']!.map(({ id }) => id), viewIds)
    assert.deepEqual(manifest.contributes.customEditors.map(({ viewType }) => viewType), [recordingViewType])
    assert.ok(manifest.contributes.viewsWelcome.every(({ view }) => viewIds.includes(view)))
  })

  test('keys act in the preview only', () => {
    // The panel stays the active one while a view or a text field beside it has the focus.
    for (const { command, when } of keybindings) assert.match(when ?? '', /^activeWebviewPanelId == 'dpmSolver\.preview' && !sideBarFocus && !panelFocus && !auxiliaryBarFocus && !inputFocus/, command)
  })

  test('what a workspace that is not trusted may not set, and when the extension starts', () => {
    assert.equal(`${manifest.publisher}.${manifest.name}`, extensionId)
    assert.deepEqual(manifest.activationEvents, [previewViewType, runPanelViewType].map((id) => `onWebviewPanel:${id}`))
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited')
    assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, ['dpmSolver.model.path', 'dpmSolver.record.folder', 'dpmSolver.model.searchFolders', 'dpmSolver.engine.server', 'dpmSolver.engine.nodePath', 'dpmSolver.engine.libraryPath'])
    assert.equal(manifest.capabilities.virtualWorkspaces.supported, false)
  })
})
