declare module '*.schema.json?validator' {
  interface SchemaError { instancePath: string }
  const validate: { (data: unknown): boolean; errors?: SchemaError[] | null }
  export default validate
}
declare module '*.schema.json?rules' {
  const rules: unknown
  export default rules
}
declare module '*.schema.json?words' {
  const words: Readonly<Record<string, { description?: string; enumDescriptions?: readonly string[] }>>
  export default words
}
declare module '*.css?text' {
  const text: string
  export default text
}
