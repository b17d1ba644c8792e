// After all tests: nothing that was asked of the server may have made it panic or report an error of its own.

import { readFileSync } from 'node:fs';

export default function checkServerLog(): void {
  const file = process.env.DEMO_SERVER_LOG;
  if (!file) return;
  const bad = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => /panicked|ERROR/.test(line));
  if (bad.length > 0) {
    throw new Error(`the server's log has ${bad.length} errors:\n${bad.slice(0, 10).join('\n')}`);
  }
}
