/** What the seed needs of the REST API: requests with an access token. */
export class Api {
  constructor(
    readonly at: string,
    readonly token: string,
    /** The session of a member, in place of a token. */
    readonly cookie?: string,
  ) {}

  /** As a member who signs in. */
  async as(email: string, password: string): Promise<Api> {
    const response = await fetch(`${this.at}/internal/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    const cookie = response.headers.get('set-cookie')?.split(';')[0];
    if (!response.ok || !cookie) throw new Error(`${email} cannot sign in: ${response.status}`);
    return new Api(this.at, this.token, cookie);
  }

  async send<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    semantic = false,
    more: Record<string, string> = {},
  ): Promise<T> {
    const type = `application/json${semantic ? '; domain-model=launchdarkly.semanticpatch' : ''}`;
    const response = await fetch(this.at + path, {
      method,
      headers: {
        ...(this.cookie ? { Cookie: this.cookie, Origin: this.at } : { Authorization: this.token }),
        'Content-Type': type,
        ...more,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  post<T = Record<string, unknown>>(path: string, body: unknown, more?: Record<string, string>) {
    return this.send<T>('POST', `/api/v2${path}`, body, false, more);
  }

  /** For operations that are in beta. */
  beta<T = Record<string, unknown>>(method: string, path: string, body?: unknown) {
    return this.send<T>(method, path, body, false, { 'LD-API-Version': 'beta' });
  }

  semantic(path: string, body: unknown) {
    return this.send('PATCH', `/api/v2${path}`, body, true);
  }
}
