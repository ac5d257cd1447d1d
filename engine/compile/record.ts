/**
 * Objects whose keys a client chose. Nothing is inherited: `__proto__` is a key like any other. Made by a constructor, because objects of
 * Object.create(null) are hash tables, slow to fill and to write. Exports `EmptyRecord`.
 */
export class EmptyRecord {
  [key: string]: unknown;

  static {
    Object.setPrototypeOf(this.prototype, null);
    Reflect.deleteProperty(this.prototype, 'constructor');
    Object.freeze(this.prototype);
  }
}
