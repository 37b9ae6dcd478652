// What the compiler does not carry into dist/: the wire model, and the Python runtime of local functions.

import { copyFileSync, mkdirSync } from 'node:fs';

mkdirSync('dist/protocol/wire', { recursive: true });
copyFileSync('src/protocol/wire/model.json', 'dist/protocol/wire/model.json');
mkdirSync('dist/functions/runtimes', { recursive: true });
copyFileSync('src/functions/runtimes/python_bootstrap.py', 'dist/functions/runtimes/python_bootstrap.py');
