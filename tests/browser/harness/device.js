// An enrolled device that says what it is told to, as an agent in hostile hands can.

import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import { request } from 'node:https';

import { certificateRequest } from './certificate_request.js';
import { NAME } from './installation.js';

/// Version of the wire contract.
const WIRE = 1;
const AGENT = '0.1.0';

export class Device {
  #contact;
  #sequence = 0;

  /// Enrols with a new key.
  static async enrol(installation, token) {
    const device = new Device();
    device.#contact = { ...installation.agents, ca: await installation.root(), servername: NAME };
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const secret = Buffer.from(token.split('.')[1], 'base64url').subarray(0, 32).toString('base64url');
    const asked = certificateRequest(key).toString('base64url');
    const body = { wire: WIRE, agent: AGENT, platform: 'linux', secret, request: asked };
    const reply = await device.#accepted('/v1/enrolment', body);
    const chain = reply.certificate.chain.map((text) => new X509Certificate(Buffer.from(text, 'base64url')));
    device.#contact.cert = chain.join('');
    device.#contact.key = key.privateKey.export({ type: 'pkcs8', format: 'pem' });
    device.organisation = reply.organisation;
    device.id = reply.device;
    return device;
  }

  /// Where its page is.
  get page() {
    return `/devices/${this.organisation}/${this.id}`;
  }

  /// Sends a report of these fields; gives the status and the problem's code, if there is one.
  async send(fields) {
    this.#sequence += 1;
    return this.#ask('/v1/report', { wire: WIRE, sequence: this.#sequence, policy: 1, agent: AGENT, ...fields });
  }

  /// The same, and it must be taken.
  async report(fields) {
    const answer = await this.send(fields);
    if (answer.status !== 200) throw new Error(`the report got ${answer.status}: ${answer.text}`);
  }

  async #accepted(path, body) {
    const answer = await this.#ask(path, body);
    if (answer.status !== 200) throw new Error(`${path} got ${answer.status}: ${answer.text}`);
    return JSON.parse(answer.text);
  }

  #ask(path, body) {
    return new Promise((resolve, reject) => {
      const { host, port, ca, servername, cert, key } = this.#contact;
      const headers = { 'content-type': 'application/json' };
      const options = { host, port, ca, servername, cert, key, path, headers, method: 'POST', agent: false };
      const asked = request(options, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode, text })).on('error', reject);
      });
      asked.on('error', reject).end(JSON.stringify(body));
    });
  }
}
