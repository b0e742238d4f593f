import { Kbd, Modal, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useId, useState, type KeyboardEvent } from 'react';
import { flagsPage } from '~/api/flags';
import { useText } from '~/i18n/text';
import { word } from '~/flags/filter';
import { usePalettePages } from './usePalettePages';
import { usePlace } from './place';
import classes from './Palette.module.css';

interface Entry {
  id: string;
  label: string;
  hint: string;
  to: string;
}

/** Everything by name: flags of the project, pages, actions. */
export function Palette({ close, shortcuts }: { close: () => void; shortcuts: () => void }) {
  const t = useText();
  const list = useId();
  const place = usePlace();
  const router = useRouter();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [asked] = useDebouncedValue(text.trim(), 120);
  const client = useQueryClient();
  const search = (text: string) => {
    const filter = text === '' ? undefined : `query:${word(text)}`;
    return flagsPage(place?.project ?? '', { filter, envs: [], page: 0, limit: 8 });
  };
  const flags = useQuery({
    ...search(asked),
    enabled: place !== undefined,
    placeholderData: keepPreviousData,
  });
  const needle = text.trim().toLowerCase();
  const pages: Entry[] = usePalettePages(place).filter((entry) => entry.label.toLowerCase().includes(needle));
  // What was found for less text serves until the answer for all of it is there.
  const named = (flag: { name: string; key: string }) =>
    flag.name.toLowerCase().includes(needle) || flag.key.toLowerCase().includes(needle);
  const entry = (flag: { name: string; key: string }): Entry => ({
    id: `flag-${flag.key}`,
    label: flag.name || flag.key,
    hint: flag.key,
    to: `/projects/${place?.project}/${place?.env}/flags/${flag.key}`,
  });
  const found = (flags.data?.items ?? []).filter(named).map(entry);
  const entries = needle === '' ? [...pages.slice(0, 6), ...found] : [...found, ...pages];
  const go = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    if (entry.to === '?') shortcuts();
    else router.history.push(entry.to);
  };
  const searching = asked !== text.trim() || flags.isFetching;
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && entries.length > 0) {
      event.preventDefault();
      setAt((at + step + entries.length) % entries.length);
    }
    if (event.key === 'Enter' && (entries.length > 0 || !searching)) go(entries[at]);
    // Whoever types faster than the server answers gets the first of what is found.
    else if (event.key === 'Enter')
      void client.fetchQuery(search(text.trim())).then((page) => go(page.items.map(entry)[0]));
  };
  return (
    <Modal.Root opened onClose={close} padding={0} size="lg">
      <Modal.Overlay />
      <Modal.Content aria-label={t('Go to…')}>
        <Modal.Body>
          <input
            className={classes.input}
            placeholder={t('Flags, pages and actions by name')}
            aria-label={t('Flags, pages and actions by name')}
            role="combobox"
            aria-expanded
            aria-controls={list}
            aria-activedescendant={entries[at] ? `${list}-${at}` : undefined}
            autoFocus
            data-autofocus
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={keys}
          />
          <div role="listbox" id={list} className={classes.list} aria-label={t('Found')} tabIndex={0}>
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
                <span>{entry.label}</span>
                <Text span size="xs" c="dimmed" className="mono">
                  {entry.hint}
                </Text>
              </div>
            ))}
          </div>
          {entries.length === 0 && (
            <Text size="sm" c="dimmed" p="lg" ta="center">
              {t('Nothing of that name')}
            </Text>
          )}
          <Text size="xs" c="dimmed" className={classes.foot}>
            <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> {t('choose')} &nbsp; <Kbd size="xs">↵</Kbd>{' '}
            {t('open')}
          </Text>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
