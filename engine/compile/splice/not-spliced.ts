/** Says that an operation or an answer is not for this path; the one that takes everything goes on. Exports `NotSpliced`. */
export class NotSpliced extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotSpliced';
  }
}
