type Event = Record<string, unknown> & { kind: string };

/** What an event says, in a line. Names of flags and keys stand as they are. */
export function eventText(event: Event): string {
  const context = contextText(event.context) ?? keysText(event.contextKeys);
  const parts: (string | undefined)[] = [];
  switch (event.kind) {
    case 'summary':
      parts.push(
        Object.entries((event.features ?? {}) as Record<string, { counters?: { count?: number }[] }>)
          .map(
            ([flag, { counters = [] }]) =>
              `${flag} × ${counters.reduce((sum, one) => sum + (one.count ?? 0), 0)}`,
          )
          .join(', '),
      );
      break;
    case 'feature':
    case 'debug':
      parts.push(`${text(event.key)} → ${JSON.stringify(event.value)}`, context);
      break;
    case 'migration_op':
      parts.push(text(event.operation), context);
      break;
    default:
      parts.push(text(event.key), text(event.url), context);
  }
  return parts.filter(Boolean).join(' · ');
}

/** The flag and the context of an event about one evaluation: what can be asked why. */
export function evaluationOf(event: Event): { flag: string; context: unknown } | undefined {
  const flag = text(event.key);
  if ((event.kind !== 'feature' && event.kind !== 'debug') || !flag) return undefined;
  const context = event.context ?? ofKeys(event.contextKeys);
  return context ? { flag, context } : undefined;
}

/** A context of which no more than its keys was told. */
function ofKeys(keys: unknown): unknown {
  if (typeof keys !== 'object' || keys === null) return undefined;
  const parts = Object.entries(keys).map(([kind, key]) => ({ kind, key: String(key) }));
  if (parts.length <= 1) return parts[0];
  return { kind: 'multi', ...Object.fromEntries(parts.map(({ kind, key }) => [kind, { key }])) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Kinds and keys of a context. */
export function contextText(context: unknown): string | undefined {
  if (typeof context !== 'object' || context === null) return undefined;
  const { kind = 'user', key, ...rest } = context as Record<string, unknown>;
  if (kind !== 'multi') return `${String(kind)} ${String(key)}`;
  return Object.entries(rest)
    .map(([one, part]) => `${one} ${String((part as { key?: unknown }).key)}`)
    .join(', ');
}

function keysText(keys: unknown): string | undefined {
  if (typeof keys !== 'object' || keys === null) return undefined;
  return Object.entries(keys)
    .map(([kind, key]) => `${kind} ${String(key)}`)
    .join(', ');
}
