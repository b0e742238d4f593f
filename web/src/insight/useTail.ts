import { useEffect, useState } from 'react';

export interface Sender {
  kind: string;
  sdk: string;
  sdkVersion: string;
  application: string;
  applicationVersion: string;
}

export interface TailEvent {
  at: number;
  sender: Sender;
  event: Record<string, unknown> & { kind: string };
}

/** An event with a number that no other has. */
export interface Numbered extends TailEvent {
  id: number;
}

interface Missed {
  leftOut: number;
  lost: number;
}

/** Events that are kept; older ones go. */
const KEPT = 300;

export interface Tail {
  state: 'connecting' | 'open' | 'refused';
  events: Numbered[];
  /** Events that matched and were not shown. */
  missed: number;
  clear: () => void;
}

/** Follows the events of an environment while it is not paused; newest first. */
export function useTail(url: string, paused: boolean): Tail {
  const [state, setState] = useState<Tail['state']>('connecting');
  const [events, setEvents] = useState<Numbered[]>([]);
  const [missed, setMissed] = useState(0);
  useEffect(() => {
    if (paused) return;
    const stream = new EventSource(url);
    stream.addEventListener('begin', () => setState('open'));
    stream.addEventListener('missed', (message: MessageEvent<string>) => {
      const { leftOut, lost } = JSON.parse(message.data) as Missed;
      setMissed((old) => old + leftOut + lost);
    });
    stream.onmessage = (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as TailEvent;
      setEvents((old) => [{ ...event, id: (old[0]?.id ?? 0) + 1 }, ...old].slice(0, KEPT));
    };
    stream.onerror = () => setState(stream.readyState === EventSource.CLOSED ? 'refused' : 'connecting');
    return () => stream.close();
  }, [url, paused]);
  const clear = () => {
    setEvents([]);
    setMissed(0);
  };
  return { state, events, missed, clear };
}
