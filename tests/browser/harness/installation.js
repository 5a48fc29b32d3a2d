// A collector of a test's own: made by its commands, served on a loopback address that nobody else uses.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Clock } from './clock.js';
import { binary, run, Running } from './processes.js';

const AGENTS = 8443;
const WEB = 8080;
const OPERATIONS = 9090;
/// The name, besides the address, for which the collector has a certificate.
export const NAME = 'collector.test';

export class Installation {
  #directory;
  #address = ownAddress();
  #running;
  #clock;

  /// Makes one and starts it.
  static async started() {
    const installation = new Installation();
    installation.#directory = await mkdtemp(join(tmpdir(), 'zeef-browser-'));
    await installation.#make();
    installation.#clock = new Clock(installation.#directory);
    const serve = [binary('zeef-collector'), 'serve', '--config', installation.#config()];
    const options = { env: installation.#clock.environment() };
    installation.#running = await Running.start(serve, 'the collector is ready', options);
    return installation;
  }

  async #make() {
    const names = `${this.#address},${NAME}`;
    await run([binary('zeef-collector'), 'init', '--name', names, '--directory', this.#path()]);
    const made = await readFile(this.#config(), 'utf8');
    const policyKey = made.split('\n').find((line) => line.startsWith('policy_key = '));
    await writeFile(
      this.#config(),
      `${policyKey}

[agents]
listen = "${this.#address}:${AGENTS}"
names = ["${this.#address}", "${NAME}"]

[agents.limits]
enrolments_per_address = 1000000
enrolments = 1000000

[web]
listen = "${this.#address}:${WEB}"

[operations]
listen = "${this.#address}:${OPERATIONS}"
`,
    );
  }

  /// Where the pages are, without a slash at the end.
  get origin() {
    return `http://${this.#address}:${WEB}`;
  }

  /// Where agents connect.
  get agents() {
    return { host: this.#address, port: AGENTS, url: `https://${this.#address}:${AGENTS}` };
  }

  /// The clock that the collector sees; its commands see the real one.
  get clock() {
    return this.#clock;
  }

  /// A place for files, which goes with it.
  file(name) {
    return join(this.#directory, name);
  }

  /// The root certificate, which agents pin.
  root() {
    return readFile(join(this.#path(), 'authority/root.pem'), 'utf8');
  }

  /// Runs a command of the collector; gives what it printed.
  cli(args, options) {
    return run([binary('zeef-collector'), ...args, '--config', this.#config()], options);
  }

  /// The same for a command that can print JSON.
  async json(...args) {
    return JSON.parse(await this.cli([...args, '--json']));
  }

  /// An organisation with subscriptions, and a token for devices of it.
  async customer(name, products = ['antivirus', 'rmm'], uses = 1_000) {
    await this.cli(['organisation', 'add', name]);
    for (const product of products) await this.cli(['subscription', 'add', '--organisation', name, product]);
    const made = await this.json('token', 'create', '--organisation', name, '--uses', String(uses));
    return made.token;
  }

  /// An account, limited to organisations where some are named; gives the link with which it signs in once.
  async person(name, role, organisations = []) {
    const limits = organisations.flatMap((organisation) => ['--organisation', organisation]);
    return (await this.json('user', 'add', name, '--role', role, ...limits)).link;
  }

  /// Another link of an account.
  async link(name) {
    return (await this.json('user', 'link', name)).link;
  }

  /// Sets an account's password.
  password(name, password) {
    return this.cli(['user', 'password', name], { input: `${password}\n` });
  }

  /// Stops it and removes what it made; gives its log.
  async stop() {
    try {
      return await this.#running?.stop();
    } finally {
      await rm(this.#directory, { recursive: true, force: true });
    }
  }

  #path() {
    return join(this.#directory, 'collector');
  }

  #config() {
    return join(this.#path(), 'collector.toml');
  }
}

/// An address of 127.0.0.0/8 by process, then counted.
let count = 128;
function ownAddress() {
  count += 1;
  return `127.${64 | ((process.pid >> 8) & 0x3f)}.${process.pid & 0xff}.${count}`;
}
