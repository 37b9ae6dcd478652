// Things to undo, last first: a start that fails half way undoes what it did, a stop undoes all.

export type Undo = (() => void | Promise<void>)[];

export async function undoAll(undo: Undo): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}
