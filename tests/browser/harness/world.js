// A provider with customers, made up: a few hundred devices that say plausible things, and one real agent.

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

  static async made({ devices = 240 } = {}) {
    const world = new World();
    world.installation = await Installation.started();
    try {
      await world.#fill(devices);
    } catch (error) {
      await world.end();
      throw error;
    }
    return world;
  }

  async #fill(devices) {
    const tokens = [];
    for (const name of CUSTOMERS) tokens.push(await this.installation.customer(name));
    const machine = { hostname: 'anna-laptop', account: 'anna' };
    this.#agent = await Agent.reporting(this.installation, tokens[0], machine);
    this.devices = [];
    for (let from = 0; from < devices; from += AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, devices - from) }, (_, index) => from + index);
      const enrolled = numbers.map((number) => this.#device(number, tokens[number % tokens.length]));
      this.devices.push(...(await Promise.all(enrolled)));
    }
    await this.installation.cli(['device', 'revoke', this.devices.at(-1).id]);
    const list = await this.installation.json('device', 'list');
    const real = list.find(({ observations }) => observations.some(({ value }) => value === machine.hostname));
    this.agentsDevice = real.id;
  }

  /// An account of a role; a customer's contact is one of the first customer. Gives the link that signs it in.
  person(name, role) {
    return this.installation.person(name, role, role === 'customer-contact' ? [CUSTOMERS[0]] : []);
  }

  async #device(number, token) {
    const device = await Device.enrol(this.installation, token);
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

  async end() {
    await this.#agent?.stop();
    await this.installation.stop();
  }
}
