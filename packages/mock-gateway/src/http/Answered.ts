/** Thrown to end an exchange with this response. */
export class Answered extends Error {
  override readonly name = 'Answered'
  readonly response: Response

  constructor(response: Response) {
    super(`answered ${response.status}`)
    this.response = response
  }
}
