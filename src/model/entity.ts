// What every stored object has. Ids are unique in the whole server within a kind, so that host names and API ids can be
// looked up without knowing whose they are; account and region say whose it is.

export interface Entity {
  readonly id: string;
  readonly account: string;
  readonly region: string;
}
