/** Thrown to leave an exchange without an answer. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered'
  /** `reset`: the connection is destroyed. `silence`: it stays open and nothing comes. */
  readonly how: 'reset' | 'silence'

  constructor(how: 'reset' | 'silence') {
    super(how)
    this.how = how
  }
}
