/** A refusal, as the API words it. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  static of(status: number, body: unknown): ApiError {
    const told = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
    const message = typeof told.message === 'string' ? told.message : typeof body === 'string' ? body : '';
    return new ApiError(status, typeof told.code === 'string' ? told.code : String(status), message);
  }

  get forbidden() {
    return this.status === 403;
  }

  get missing() {
    return this.status === 404;
  }
}

/** Whether asking again could help: the caller is not at fault. */
export function passing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
}
