declare module '*.schema.json?validator' {
  interface SchemaError { instancePath: string }
  const validate: { (data: unknown): boolean; errors?: SchemaError[] | null }
  export default validate
}
declare module '*.css?text' {
  const text: string
  export default text
}
