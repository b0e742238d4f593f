/** What the seed needs of the REST API: requests with an access token. */
export class Api {
  constructor(
    readonly at: string,
    readonly token: string,
  ) {}

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
      headers: { Authorization: this.token, 'Content-Type': type, ...more },
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
