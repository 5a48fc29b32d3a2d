// A wall clock that a program under test sees, ahead of the real one by what a test says.

import { readdirSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class Clock {
  #directory;

  constructor(directory) {
    this.#directory = directory;
    this.setAhead(0);
  }

  /// From now on it is so many seconds ahead.
  setAhead(seconds) {
    // Replaced whole: the program reads it at any moment.
    const next = join(this.#directory, 'clock.new');
    writeFileSync(next, `+${seconds}\n`);
    renameSync(next, this.#file());
  }

  /// The environment in which a program sees it. What the program waits for keeps its pace.
  environment() {
    return {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: this.#file(),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
  }

  #file() {
    return join(this.#directory, 'clock');
  }
}

function library() {
  const places = readdirSync('/usr/lib').map((folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`);
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error('libfaketime is missing: install the Debian package faketime (make test does)');
  return found;
}
