// docs/dependencies.md has one table row for each package that package.json names: at the version and under the licence that are
// installed, and imported from no folder but those that its row names. Nothing in the lockfile is under a licence that the page does
// not take, or runs a script when it is installed.

import { scanImports } from '../imports.ts';
import { missing } from '../listings.ts';
import { isTest, programFiles, type Finding, type Tree } from '../tree.ts';

const PACKAGE = 'package.json';
const LOCK = 'package-lock.json';
const PAGE = 'docs/dependencies.md';
const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
/** The line of the page that names the licences which are taken. */
const TAKEN = /^Licences that are taken: (.*)$/m;

interface Row {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Paths below src/ from which it may be imported. */
  readonly places: readonly string[];
  readonly line: number;
}

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
}

type Named = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

export function dependencies(tree: Tree): Finding[] {
  const absent = [PACKAGE, LOCK, PAGE].filter((path) => !tree.has(path));
  if (absent.length > 0) return absent.map(missing);
  const named = JSON.parse(tree.read(PACKAGE)) as Named;
  const { packages = {} } = JSON.parse(tree.read(LOCK)) as { packages?: Readonly<Record<string, Locked>> };
  const rows = readRows(tree.read(PAGE));
  const runtime = Object.keys({ ...named['dependencies'] });
  const wanted = { ...named['devDependencies'], ...named['optionalDependencies'], ...named['dependencies'] };
  return [
    ...Object.entries(wanted).flatMap(([name, version]) => packageFindings(tree, name, version, rows)),
    ...rows.flatMap((row) => rowFindings(row, wanted, packages)),
    ...lockFindings(tree, packages),
    ...importFindings(tree, rows, runtime),
  ];
}

function readRows(page: string): Row[] {
  return page.split('\n').flatMap((text, at) => {
    const [name, version = '', licence = '', ...others] = text
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    if (name === undefined || !/^`.+`$/.test(name)) return [];
    const places = [...(others[2] ?? '').matchAll(/`(src\/[^`]*)`/g)].map(([, place]) => place!);
    return [{ name: name.slice(1, -1), version, licence, places, line: at + 1 }];
  });
}

function packageFindings(tree: Tree, name: string, version: string, rows: readonly Row[]): Finding[] {
  const line =
    tree
      .read(PACKAGE)
      .split('\n')
      .findIndex((text) => text.trim().startsWith(`"${name}":`)) + 1;
  const found = (message: string): Finding => ({ path: PACKAGE, line: Math.max(line, 1), message });
  return [
    ...(EXACT.test(version) ? [] : [found(`the version of \`${name}\` is not exact (${version})`)]),
    ...(rows.some((row) => row.name === name) ? [] : [found(`dependency \`${name}\` has no row in ${PAGE}`)]),
  ];
}

function rowFindings(
  row: Row,
  wanted: Readonly<Record<string, string>>,
  packages: Readonly<Record<string, Locked>>,
): Finding[] {
  const { name, version, licence, line } = row;
  const found = (message: string): Finding => ({ path: PAGE, line, message });
  if (wanted[name] === undefined) return [found(`row \`${name}\` has no dependency in ${PACKAGE}`)];
  const locked = packages[`node_modules/${name}`];
  if (!locked) return [found(`\`${name}\` is not in ${LOCK}`)];
  return [
    ...(version === wanted[name] && version === locked.version
      ? []
      : [found(`\`${name}\` is ${wanted[name]}, installed as ${locked.version}, and not ${version}`)]),
    ...(licence === locked.license ? [] : [found(`\`${name}\` is under ${locked.license}, and not ${licence}`)]),
  ];
}

function lockFindings(tree: Tree, packages: Readonly<Record<string, Locked>>): Finding[] {
  const taken = [...(TAKEN.exec(tree.read(PAGE))?.[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, licence]) => licence);
  if (taken.length === 0) return [{ path: PAGE, line: 1, message: `has no line 'Licences that are taken: …'` }];
  return Object.entries(packages).flatMap(([path, { license, hasInstallScript }]) => {
    if (path === '') return [];
    const found = (message: string): Finding => ({ path: LOCK, line: 1, message: `${path} ${message}` });
    return [
      ...(taken.includes(license) ? [] : [found(`is under ${license}, which ${PAGE} does not take`)]),
      ...(hasInstallScript ? [found('runs a script when it is installed')] : []),
    ];
  });
}

/** What a package may touch is where it is imported: the other folders cannot reach it. */
function importFindings(tree: Tree, rows: readonly Row[], runtime: readonly string[]): Finding[] {
  const files = programFiles(tree).filter((path) => !isTest(path));
  return files.flatMap((path) =>
    scanImports(tree.tokens(path)).flatMap(({ specifier, line }) => {
      const name = runtime.find((one) => specifier === one || specifier.startsWith(`${one}/`));
      const places = rows.find((row) => row.name === name)?.places ?? [];
      if (name === undefined || places.some((place) => path.startsWith(place))) return [];
      return [
        { path, line, message: `\`${name}\` may not be imported here, only below ${places.join(', ') || 'nothing'}` },
      ];
    }),
  );
}
