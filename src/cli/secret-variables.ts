/** Variables that hold a secret, or lead to one; where DEBUG is set a library prints passwords. */
const SECRET = /^(BLINKUP_.*|CREDENTIALS_DIRECTORY|DEBUG)$/

let environment: NodeJS.ProcessEnv = process.env

/**
 * Takes the variables with secrets out of the environment, so that no program gets them which this one or a library of it
 * starts, such as avrdude or socat. `secretVariable` knows them even so.
 */
export function hideSecretVariables(): void {
  environment = { ...process.env }
  for (const name of Object.keys(environment)) if (SECRET.test(name)) delete process.env[name]
}

/** A variable that holds a secret, or leads to one; undefined where it is not set. */
export const secretVariable = (name: string): string | undefined => environment[name]
