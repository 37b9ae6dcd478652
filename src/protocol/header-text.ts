// What may stand in a header (RFC 9110 5.5, 5.6.2). Asked wherever the words of a backend, or of a client, become a header of somebody
// else's message: an end of a line among them would begin a header of their own.

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether it can be sent as the value of a header, octet by octet. */
export function isHeaderValue(text: string): boolean {
  return VALUE.test(text);
}

/** Whether it is one name, as those of subprotocols are. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}
