// A certification request (PKCS#10, RFC 2986) for a P-256 key, with an empty subject.

import { sign } from 'node:crypto';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const ATTRIBUTES = 0xa0;
/// AlgorithmIdentifier of ecdsa-with-SHA256 (RFC 5758).
const ECDSA_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');

/// The request in DER.
export function certificateRequest({ privateKey, publicKey }) {
  const version = der(INTEGER, Buffer.of(0));
  const subject = der(SEQUENCE);
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const information = der(SEQUENCE, version, subject, key, der(ATTRIBUTES));
  const signature = sign('sha256', information, privateKey);
  return der(SEQUENCE, information, ECDSA_SHA256, der(BIT_STRING, Buffer.of(0), signature));
}

function der(tag, ...parts) {
  const content = Buffer.concat(parts);
  if (content.length > 0xffff) throw new Error('longer than two bytes can say');
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
