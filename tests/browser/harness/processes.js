// Programs under test: run to their end, or kept running until they are stopped.

import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/// How long a command may take, and a program until it is ready or gone; in milliseconds.
const PATIENCE = 60_000;

/// A program of the workspace, as `make test` builds it.
export function binary(name) {
  const path = fileURLToPath(new URL(`../../../target/debug/${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${name} is not built: run cargo build --workspace --bins (make test does)`);
  return path;
}

/// Runs a command to its end and gives what it printed.
export function run([program, ...args], { input = '', env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, timeout: PATIENCE };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args[0]} failed: ${stderr.trim() || error.message}`));
      else resolve(stdout);
    });
    // A command that reads nothing may have gone by now.
    child.stdin.on('error', () => {}).end(input);
  });
}

/// A program that runs until `stop`, and no longer than this process.
export class Running {
  #child;
  #ended;
  #log = '';

  /// Starts it and waits until its log says `ready`.
  static async start(command, ready, { env = {} } = {}) {
    const running = new Running();
    const [program, ...args] = ['setpriv', '--pdeathsig', 'TERM', '--', ...command];
    running.#child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.#ended = new Promise((resolve) => running.#child.once('close', (code) => resolve(code)));
    await running.#says(ready);
    return running;
  }

  #says(text) {
    return new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${why} before it said "${text}":\n${this.#log}`));
      const late = setTimeout(() => fail('time was up'), PATIENCE);
      const read = (chunk) => {
        this.#log += chunk;
        if (this.#log.includes(text)) done(resolve);
      };
      const done = (then) => {
        clearTimeout(late);
        then();
      };
      this.#child.stdout.on('data', read);
      this.#child.stderr.on('data', read);
      this.#child.once('error', (error) => done(() => fail(error.message)));
      this.#ended.then(() => done(() => fail('the program ended')));
    });
  }

  /// Ends it in order; gives its log.
  async stop() {
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    const code = await this.#ended;
    clearTimeout(late);
    if (code !== 0) throw new Error(`the program ended with ${code}:\n${this.#log}`);
    return this.#log;
  }
}

/// Asks until there is an answer other than false.
export async function until(what, ask) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`time was up, and there was no ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
