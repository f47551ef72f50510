declare module '*.schema.json?validator' {
  interface SchemaError { instancePath: string; keyword: string; params: Record<string, unknown> }
  const validate: { (data: unknown): boolean; errors?: SchemaError[] | null }
  export default validate
}
