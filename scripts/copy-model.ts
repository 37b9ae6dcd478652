// The one file that the compiler does not carry into dist/: the wire model.

import { copyFileSync, mkdirSync } from 'node:fs';

mkdirSync('dist/protocol/wire', { recursive: true });
copyFileSync('src/protocol/wire/model.json', 'dist/protocol/wire/model.json');
