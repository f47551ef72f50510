import { isAbsolute } from 'node:path'
import * as vscode from 'vscode'
import { fileFields, type FileField } from '../protocol/view'
import { getPath } from '../recipe/path'
import type { Recipe } from '../recipe/recipe'
import { t } from '../sampler/text'

const titles: Readonly<Record<FileField, string>> = { 'input.image': t('Select an Image'), 'input.mask': t('Select a Mask'), 'guidance.classifier': t('Select a Classifier') }
const kinds = { png: t('PNG images'), onnx: t('ONNX models') } as const

/** Lets the user choose the file of a recipe's field, beginning where the one it has lies. Resolves to its path, or undefined. */
export async function pickFile(field: FileField, recipe: Recipe, title = titles[field]): Promise<string | undefined> {
  const now = getPath(recipe, field)
  const beginning = typeof now === 'string' && isAbsolute(now) ? vscode.Uri.file(now) : vscode.workspace.workspaceFolders?.[0]?.uri
  const filters = Object.fromEntries(fileFields[field].map((ending) => [kinds[ending], [ending]]))
  const chosen = await vscode.window.showOpenDialog({ title, openLabel: t('Select'), filters, ...beginning ? { defaultUri: beginning } : {} })
  return chosen?.[0]?.fsPath
}
