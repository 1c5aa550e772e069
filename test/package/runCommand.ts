import { execFile } from 'node:child_process'

/** How a child process ended. */
export type Outcome = { readonly code: number; readonly output: string; readonly stdout: string }

/** Runs a program to its end, with nothing on its standard input. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Outcome> {
  const env = { ...process.env, ...options.env }
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      { cwd: options.cwd, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error ? error.code : 0
        if (typeof code !== 'number') return reject(error)
        resolve({ code, stdout, output: stdout + stderr })
      },
    )
    child.stdin?.end()
  })
}
