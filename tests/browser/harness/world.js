// A provider with customers, made up: many devices that say plausible things, and one real agent, which tells of the
// addresses of the machine that it runs on.

import { Agent } from './agent.js';
import { Device } from './device.js';
import { Installation } from './installation.js';
import { until } from './processes.js';

export const CUSTOMERS = ['Bakkerij Jansen', 'Fysiotherapie De Linde', 'Notariskantoor Van Dijk'];
const PLACES = ['balie', 'kantoor', 'werkplaats', 'laptop', 'magazijn', 'vergader', 'receptie', 'server'];
const PEOPLE = ['anna', 'bert', 'carla', 'daan', 'els', 'femke', 'gijs', 'hanna', 'ivo', 'jolanda', 'karim', 'lotte'];
/// Devices that enrol at the same time.
const AT_ONCE = 8;

export class World {
  #agent;
  #tokens;

  static async made({ devices = 240, agent = true } = {}) {
    const world = new World();
    world.installation = await Installation.started();
    try {
      await world.#fill(devices);
      if (agent) await world.#enrolAgent();
    } catch (error) {
      await world.end();
      throw error;
    }
    return world;
  }

  async #fill(devices) {
    this.#tokens = [];
    for (const name of CUSTOMERS) this.#tokens.push(await this.installation.customer(name));
    this.devices = [];
    for (let from = 0; from < devices; from += AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, devices - from) }, (_, index) => from + index);
      this.devices.push(...(await Promise.all(numbers.map((number) => this.#device(number)))));
    }
    await this.installation.cli(['device', 'revoke', this.devices.at(-1).id]);
  }

  async #enrolAgent() {
    const machine = { hostname: 'anna-laptop', account: 'anna' };
    this.#agent = await Agent.reporting(this.installation, this.#tokens[0], machine);
    const list = await this.installation.json('device', 'list');
    const real = list.find(({ observations }) => observations.some(({ value }) => value === machine.hostname));
    this.agentsDevice = real.id;
  }

  /// An account of a role; a customer's contact is one of the first customer. Gives the link that signs it in.
  person(name, role) {
    return this.installation.person(name, role, role === 'customer-contact' ? [CUSTOMERS[0]] : []);
  }

  async #device(number) {
    const device = await Device.enrol(this.installation, this.#tokens[number % CUSTOMERS.length]);
    const place = PLACES[(number * 5) % PLACES.length];
    device.name = `${place}-${String(number + 1).padStart(3, '0')}`;
    const hardware = [number >> 8, number & 0xff, (number * 37) & 0xff];
    await device.report({
      device_name: device.name,
      usernames: [PEOPLE[(number * 7) % PEOPLE.length]],
      private_ips: [`192.168.${10 + (number % 3)}.${20 + (number % 200)}`],
      mac_addresses: [`a4:bb:6d:${hardware.map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`],
    });
    return device;
  }

  /// A request for erasure of the first customer, of which identity and scope are known; gives its id.
  async request() {
    const { installation } = this;
    const open = ['request', 'open', '--kind', 'erasure', '--organisation', CUSTOMERS[0]];
    const letter = 'J. Jansen\nj.jansen@example.test\nWhat is held of my laptop, please erase it.\n';
    const id = (await installation.cli(open, { input: letter })).trim();
    const steps = [
      ['check-role', 'both'],
      ['verify', 'call-back'],
      ['scope', '--product', 'antivirus', '--product', 'microsoft-365'],
      ['execute'],
    ];
    for (const step of steps) await installation.cli(['request', 'step', id, ...step]);
    return id;
  }

  /// The receipt of a device of the first customer that was erased; gives its id.
  async receipt() {
    const { installation } = this;
    const device = await this.#device(this.devices.length * CUSTOMERS.length);
    const file = installation.file('receipt.json');
    return (await installation.json('erase', 'device', device.id, '--yes', '--receipt', file)).receipt;
  }

  /// The id of a subscription of the first customer.
  async subscription() {
    const list = await this.installation.json('subscription', 'list', '--organisation', CUSTOMERS[0]);
    return list[0].id;
  }

  /// The id of an account.
  async user(name) {
    return (await this.installation.json('user', 'list')).find((user) => user.name === name).id;
  }

  async end() {
    await this.#agent?.stop();
    await this.installation.stop();
  }
}
