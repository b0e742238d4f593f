import { Kbd, Modal, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { onFlag } from '~/access/places';
import { useMayEach } from '~/access/useMay';
import { summary } from '~/compare/differs';
import type { Flag } from '~/api/types';
import { ToggleDialog } from '~/flags/ToggleDialog';
import { useText } from '~/i18n/text';
import type { Entry } from './paletteEntry';
import { flagEntries, flagSearch, usePaletteFinds } from './usePaletteFinds';
import { usePalettePages } from './usePalettePages';
import { useEnvironments, usePlace } from './place';
import classes from './Palette.module.css';

/** Flags that are offered to be turned on or off at most. */
const TURNED = 3;

/** Everything by name: flags and what else there is, pages, actions. Beside the list stands what the chosen one is or does. */
export function Palette({ close, shortcuts }: { close: () => void; shortcuts: () => void }) {
  const t = useText();
  const list = useId();
  const place = usePlace();
  const router = useRouter();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [turning, setTurning] = useState<{ flag: Flag; on: boolean }>();
  const [asked] = useDebouncedValue(text.trim(), 120);
  const client = useQueryClient();
  const environment = useEnvironments(place?.project).find((one) => one.key === place?.env);
  const flags = useQuery({
    ...flagSearch(place, asked),
    enabled: place !== undefined,
    placeholderData: keepPreviousData,
  });
  const others = usePaletteFinds(place, asked);
  const needle = text.trim().toLowerCase();
  const has = (words: string | undefined) => words?.toLowerCase().includes(needle) ?? false;
  const pages = usePalettePages(place, shortcuts).filter(({ label }) => has(label));
  const of = (flag: Flag): [Entry, Entry] => {
    const where = place ?? { project: '', env: '' };
    const { on, text } = summary(t, flag, where.env);
    const named = environment?.name ?? where.env;
    const says = on
      ? t('On in {environment}: {text}', { environment: named, text })
      : t('Off in {environment}: {text}', { environment: named, text });
    return flagEntries(t, where, named, flag, says, (flag, on) => setTurning({ flag, on }));
  };
  // What was found for less text serves until the answer for all of it is there.
  const matching = (flags.data?.items ?? []).filter((flag) => has(flag.name) || has(flag.key));
  const found = matching.map(of);
  const turnable = needle === '' ? [] : matching.slice(0, TURNED);
  const mayTurn = useMayEach(
    turnable.map(({ key }) => onFlag('updateOn', place?.project ?? '', place?.env ?? '', key)),
  );
  const entries =
    needle === ''
      ? [...pages.slice(0, 6), ...found.map(([flag]) => flag)]
      : [
          ...found.map(([flag]) => flag),
          ...found.filter((_, index) => mayTurn[index]).map(([, turn]) => turn),
          ...pages,
          ...others.filter(({ label, itsKey }) => has(label) || has(itsKey)),
        ];
  const chosen = entries[at];
  const go = (entry: Entry | undefined) => {
    if (!entry) return;
    entry.act?.();
    // What asks first takes the place of the list.
    if (entry.id.startsWith('turn-')) return;
    if (entry.id !== 'shortcuts') close();
    if (entry.id === 'docs') window.location.assign(entry.to ?? '/');
    else if (entry.to) router.history.push(entry.to);
  };
  const searching = asked !== text.trim() || flags.isFetching;
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && entries.length > 0) {
      event.preventDefault();
      setAt((at + step + entries.length) % entries.length);
    }
    if (event.key === 'Enter' && (entries.length > 0 || !searching)) go(chosen);
    // Whoever types faster than the server answers gets the first of what is found.
    else if (event.key === 'Enter')
      void client
        .fetchQuery(flagSearch(place, text.trim()))
        .then(({ items: [flag] }) => go(flag && of(flag)[0]));
  };
  const box = useRef<HTMLDivElement>(null);
  useEffect(
    () => box.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }),
    [at],
  );
  if (turning && environment && place)
    return <ToggleDialog project={place.project} environment={environment} close={close} {...turning} />;
  return (
    <Modal.Root opened onClose={close} padding={0} size={760}>
      <Modal.Overlay />
      <Modal.Content aria-label={t('Go to…')}>
        <Modal.Body>
          <input
            className={classes.input}
            placeholder={t('Flags, segments, people, pages and actions by name')}
            aria-label={t('Flags, segments, people, pages and actions by name')}
            role="combobox"
            aria-expanded
            aria-controls={list}
            aria-activedescendant={chosen ? `${list}-${at}` : undefined}
            autoFocus
            data-autofocus
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={keys}
          />
          <div className={classes.both}>
            <div
              role="listbox"
              id={list}
              ref={box}
              className={classes.list}
              aria-label={t('Found')}
              tabIndex={0}
            >
              {entries.map((entry, index) => (
                <div
                  key={entry.id}
                  role="option"
                  id={`${list}-${index}`}
                  aria-selected={index === at}
                  className={classes.entry}
                  onMouseMove={() => setAt(index)}
                  onClick={() => go(entry)}
                >
                  <span className={classes.label}>{entry.label}</span>
                  <span className={classes.kind}>{entry.kind}</span>
                </div>
              ))}
              {entries.length === 0 && (
                <Text size="sm" c="dimmed" p="lg" ta="center" role="option" aria-selected={false}>
                  {t('Nothing of that name')}
                </Text>
              )}
            </div>
            <div className={classes.preview} aria-live="polite">
              {chosen && <Preview entry={chosen} />}
            </div>
          </div>
          <Text size="xs" c="dimmed" className={classes.foot} component="div">
            <span>
              <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> {t('choose')}
            </span>
            <span>
              <Kbd size="xs">↵</Kbd> {t('open')}
            </span>
            <span>
              <Kbd size="xs">Esc</Kbd> {t('close')}
            </span>
          </Text>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Preview({ entry: { kind, label, itsKey, preview = [] } }: { entry: Entry }) {
  return (
    <>
      <div className={classes.kind}>{kind}</div>
      <div className={classes.title}>{label}</div>
      {itsKey && <div className={classes.key}>{itsKey}</div>}
      {preview.filter(Boolean).map((line) => (
        <p key={line}>{line}</p>
      ))}
    </>
  );
}
