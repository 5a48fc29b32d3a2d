// The real agent, on a machine with a name and a person of its own.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { binary, run, Running } from './processes.js';

/// Namespaces with a host name and `/run` of their own, then the program.
const MACHINE = 'hostname "$1" && mount --bind "$2" /run && shift 2 && exec "$@"';

export class Agent {
  #directory;
  #running;

  /// Enrols and reports; `account` has a session at the console.
  static async reporting(installation, token, { hostname, account }) {
    const agent = new Agent();
    agent.#directory = await mkdtemp(join(tmpdir(), 'zeef-agent-'));
    const sessions = join(agent.#directory, 'run/systemd/sessions');
    await mkdir(sessions, { recursive: true });
    await writeFile(
      join(sessions, '1'),
      `UID=1000\nUSER=${account}\nACTIVE=1\nSTATE=active\nREMOTE=0\nTYPE=wayland\nCLASS=user\nSEAT=seat0\n`,
    );
    const command = (...args) => [
      ...['unshare', ...(process.getuid() === 0 ? [] : ['--user', '--map-root-user']), '--uts', '--mount', '--'],
      ...['sh', '-c', MACHINE, 'machine', hostname, join(agent.#directory, 'run')],
      ...[binary('zeef-agent'), ...args, '--state-dir', join(agent.#directory, 'state')],
    ];
    const env = { ZEEF_ENROLL_TOKEN: token };
    await run(command('enroll', '--url', installation.agents.url), { env });
    agent.#running = await Running.start(command('run'), 'the collector holds the report sequence=1');
    return agent;
  }

  /// Ends it in order and removes its state.
  async stop() {
    try {
      await this.#running.stop();
    } finally {
      await rm(this.#directory, { recursive: true, force: true });
    }
  }
}
